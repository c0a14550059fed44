#include "harness/oracle/oracle.h"
#include "harness/oracle/test_history.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace gauntlet::oracle {
namespace {

using core::Verdict;
using ::testing::HasSubstr;
constexpr core::SessionId other{.replica = 0, .number = 1};

core::Judgement judge_pinned(TestHistory& history) {
  return ask(oracle("pinned"), {.history = history.history()});
}

TestHistory locked() {
  TestHistory history(1);
  history.opens(first_session, 11).opens(other, 12);
  history.asks(first_session, "SELECT pg_advisory_lock(1)", "");
  return history;
}

TEST(Pinned, HoldsWhenOneSessionDoesAll) {
  TestHistory history = locked();

  EXPECT_EQ(judge_pinned(history.does(first_session, "CREATE TABLE a()", "CREATE TABLE")
                             .does(first_session, "INSERT INTO t VALUES (1)", "INSERT 0 1")
                             .asks(first_session, "SELECT pg_advisory_unlock(1)", "t"))
                .verdict,
            Verdict::holds);
}

TEST(Pinned, LetsAnotherSessionReadAndPrepareBefore) {
  TestHistory history(1);

  EXPECT_EQ(judge_pinned(history.does(other, "CREATE TABLE t()", "CREATE TABLE")
                             .asks(first_session, "SELECT pg_advisory_lock(1)", "")
                             .asks(other, "SELECT version FROM t", "1"))
                .verdict,
            Verdict::holds);
}

TEST(Pinned, TakesTwoSessionsOfOneServerProcessForOne) {
  TestHistory history(1);
  history.opens(first_session, 11).opens(other, 11);

  EXPECT_EQ(judge_pinned(history.asks(first_session, "SELECT pg_advisory_lock(1)", "")
                             .does(other, "CREATE TABLE a()", "CREATE TABLE"))
                .verdict,
            Verdict::holds);
}

TEST(Pinned, LetsASessionThatLockedAgainTakeOver) {
  TestHistory history = locked();

  EXPECT_EQ(judge_pinned(history.closes(first_session)
                             .asks(other, "SELECT pg_advisory_lock(1)", "")
                             .does(other, "CREATE TABLE a()", "CREATE TABLE"))
                .verdict,
            Verdict::holds);
}

TEST(Pinned, LetsAnotherSessionWriteOnceTheLockWasGivenUp) {
  TestHistory history = locked();

  EXPECT_EQ(judge_pinned(history.asks(first_session, "SELECT pg_advisory_unlock(1)", "t")
                             .does(other, "INSERT INTO log VALUES (1)", "INSERT 0 1"))
                .verdict,
            Verdict::holds);
}

TEST(Pinned, IsViolatedByABodyAfterASessionThatOnlyLockedAndEnded) {
  TestHistory history = locked();

  EXPECT_EQ(
      judge_pinned(history.closes(first_session).does(other, "CREATE TABLE a()", "CREATE TABLE"))
          .verdict,
      Verdict::violated);
}

TEST(Pinned, LetsASessionLockAndWriteInOneMessage) {
  TestHistory history = locked();
  const TestHistory::Replies replies = {
      {.tag = "BEGIN"}, {.tag = "SELECT 1", .rows = 1}, {.tag = "CREATE TABLE"}, {.tag = "COMMIT"}};

  EXPECT_EQ(
      judge_pinned(
          history.closes(first_session)
              .sends(other, "BEGIN; SELECT pg_advisory_xact_lock(1); CREATE TABLE a(); COMMIT")
              .is_told({.statements = replies}))
          .verdict,
      Verdict::holds);
}

TEST(Pinned, LetsAHookWriteOnASessionOfItsOwn) {
  TestHistory history = locked();
  history.does(other, "INSERT INTO stops VALUES (1)", "INSERT 0 1");
  const auto asked_with = [&](std::vector<std::string> hooks) {
    return ask(oracle("pinned"), {.history = history.history(),
                                  .hooks = std::move(hooks),
                                  .one_session_is_claimed = true})
        .verdict;
  };

  EXPECT_EQ(asked_with({"INSERT INTO stops VALUES (1)"}), Verdict::holds);
  EXPECT_EQ(asked_with({"INSERT INTO stops VALUES (2)"}), Verdict::violated);
}

TEST(Pinned, OnlyWarnsOfALockThatAnotherSessionHoldsMeanwhile) {
  TestHistory history = locked();

  const auto judgement = judge_pinned(history.does(other, "CREATE TABLE a()", "CREATE TABLE"));

  EXPECT_EQ(judgement.verdict, Verdict::holds);
  ASSERT_EQ(judgement.findings.size(), 1U);
  EXPECT_EQ(judgement.findings[0].id, "lock-on-other-session");
  EXPECT_EQ(judgement.findings[0].severity, core::Severity::warning);
}

TEST(Pinned, IsViolatedByABodyFromAnotherSessionWhereThatIsTheClaim) {
  TestHistory history = locked();

  const auto judgement =
      ask(oracle("pinned"),
          {.history = history.does(other, "CREATE TABLE a()", "CREATE TABLE").history(),
           .one_session_is_claimed = true});

  ASSERT_EQ(judgement.findings.size(), 1U);
  EXPECT_EQ(judgement.findings[0].id, "not-pinned");
  EXPECT_THAT(judgement.findings[0].message,
              HasSubstr("session 0 of replica 0 (server process 11) took the lock, and session 1 "
                        "of replica 0 (server process 12) wrote `CREATE TABLE a()`"));
}

TEST(Pinned, IsViolatedByAnUnlockFromAnotherSession) {
  TestHistory history = locked();

  EXPECT_THAT(
      judge_pinned(history.asks(other, "SELECT pg_advisory_unlock(1)", "f")).findings.at(0).message,
      HasSubstr("(server process 12) unlocked"));
}

TEST(Pinned, TellsAReplicaOnce) {
  TestHistory history = locked();

  EXPECT_EQ(judge_pinned(history.does(other, "CREATE TABLE a()", "CREATE TABLE")
                             .does(other, "CREATE TABLE b()", "CREATE TABLE"))
                .findings.size(),
            1U);
}

TEST(Pinned, IsUnknownWhenNoLockWasSeen) {
  EXPECT_EQ(judge_pinned(TestHistory(1).does(other, "CREATE TABLE a()", "CREATE TABLE")).verdict,
            Verdict::unknown);
}

}  // namespace
}  // namespace gauntlet::oracle
