#include "harness/oracle/oracle.h"
#include "harness/oracle/test_history.h"

#include <algorithm>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace gauntlet::oracle {
namespace {

using core::Verdict;
using testing::HasSubstr;

constexpr core::SessionId beside{.replica = 0, .number = 1};
constexpr const char* lock = "SELECT pg_advisory_lock(7)";
constexpr const char* unlock = "SELECT pg_advisory_unlock(7)";

core::Judgement judged(TestHistory& history) {
  const auto found = std::ranges::find(standing_oracles(), "unlocked-before-commit", &Oracle::id);
  return ask(*found, {.history = history.history()});
}

TestHistory& writes(TestHistory& history, core::SessionId session,
                    const char* sql = "INSERT INTO tracker VALUES (1)") {
  return history.sends(session, sql)
      .is_told({.statements = {{.tag = "INSERT 0 1"}}, .in_transaction = true});
}

TestHistory& unlocks(TestHistory& history, core::SessionId session, bool in_transaction) {
  return history.sends(session, unlock)
      .is_told({.statements = {{.tag = "SELECT 1", .rows = 1, .value = "t"}},
                .in_transaction = in_transaction});
}

TEST(UnlockedBeforeCommit, IsViolatedByARecordThatIsCommittedAfterTheUnlock) {
  TestHistory history(1);
  history.asks(first_session, lock, "");
  unlocks(writes(history, first_session), first_session, true)
      .does(first_session, "COMMIT", "COMMIT");

  const core::Judgement judgement = judged(history);

  ASSERT_EQ(judgement.verdict, Verdict::violated);
  EXPECT_EQ(judgement.findings[0].id, "unlocked-before-commit");
  EXPECT_THAT(judgement.findings[0].message, HasSubstr("INSERT INTO tracker VALUES (1)"));
}

TEST(UnlockedBeforeCommit, SaysNothingOfAnUnlockAfterTheCommit) {
  TestHistory history(1);
  history.asks(first_session, lock, "");
  writes(history, first_session).does(first_session, "COMMIT", "COMMIT");
  unlocks(history, first_session, false);

  EXPECT_EQ(judged(history).verdict, Verdict::nothing_judged);
}

TEST(UnlockedBeforeCommit, IsViolatedByALockOnASessionBesideTheWork) {
  TestHistory history(1);
  history.asks(beside, lock, "");
  unlocks(writes(history, first_session), beside, false).does(first_session, "COMMIT", "COMMIT");

  EXPECT_EQ(judged(history).verdict, Verdict::violated);
}

TEST(UnlockedBeforeCommit, SaysNothingWhereTheWorkIsRolledBack) {
  TestHistory history(1);
  history.asks(first_session, lock, "");
  unlocks(writes(history, first_session), first_session, true)
      .does(first_session, "ROLLBACK", "ROLLBACK");

  EXPECT_EQ(judged(history).verdict, Verdict::nothing_judged);
}

TEST(UnlockedBeforeCommit, SaysNothingWhereAnotherLockLastsUntilTheCommit) {
  TestHistory history(1);
  history.asks(first_session, lock, "").asks(first_session, lock, "");
  unlocks(writes(history, first_session), first_session, true)
      .does(first_session, "COMMIT", "COMMIT");
  unlocks(history, first_session, false);
  EXPECT_EQ(judged(history).verdict, Verdict::nothing_judged);

  TestHistory with_table(1);
  with_table.asks(first_session, lock, "");
  writes(with_table, first_session, "LOCK TABLE tracker; INSERT INTO tracker VALUES (1)");
  unlocks(with_table, first_session, true).does(first_session, "COMMIT", "COMMIT");
  EXPECT_EQ(judged(with_table).verdict, Verdict::nothing_judged);
}

}  // namespace
}  // namespace gauntlet::oracle
