#include "harness/oracle/causes.h"

#include "harness/oracle/test_history.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace gauntlet::oracle {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

const MigrationFile only_file{.version = 1, .name = "1_a.up.sql", .sql = "UPDATE a SET i = 1"};

std::vector<std::string> causes_of(TestHistory& history) {
  std::vector<std::string> ids;
  for (const core::Finding& finding :
       causes_in({.history = history.history(), .files = {only_file}})) {
    EXPECT_EQ(finding.severity, core::Severity::warning);
    EXPECT_FALSE(finding.fix.empty());
    ids.push_back(finding.id);
  }
  return ids;
}

TestHistory& locks_in(TestHistory& history, const char* begin) {
  return history.sends(first_session, begin)
      .is_told({.statements = {{.tag = "BEGIN"}}, .in_transaction = true})
      .sends(first_session, "SELECT pg_advisory_xact_lock(7)")
      .is_told(
          {.statements = {{.tag = "SELECT 1", .rows = 1, .value = ""}}, .in_transaction = true})
      .sends(first_session, only_file.sql)
      .is_told({.statements = {{.tag = "UPDATE 1"}}, .in_transaction = true})
      .does(first_session, "COMMIT", "COMMIT");
}

TEST(Causes, NameASnapshotThatIsOlderThanTheLock) {
  TestHistory old(1), young(1);
  EXPECT_THAT(causes_of(locks_in(old, "BEGIN ISOLATION LEVEL REPEATABLE READ")),
              ElementsAre("snapshot-older-than-lock"));
  EXPECT_THAT(causes_of(locks_in(young, "BEGIN ISOLATION LEVEL READ COMMITTED")), IsEmpty());
}

TEST(Causes, NameBodiesThatRunAfterTheLockWasGivenUp) {
  TestHistory after(1), inside(1);
  after.asks(first_session, "SELECT pg_advisory_lock(7)", "")
      .asks(first_session, "SELECT pg_advisory_unlock(7)", "t")
      .does(first_session, only_file.sql, "UPDATE 1");
  EXPECT_THAT(causes_of(after), ElementsAre("bodies-outside-the-lock"));
  inside.asks(first_session, "SELECT pg_advisory_lock(7)", "")
      .does(first_session, only_file.sql, "UPDATE 1")
      .asks(first_session, "SELECT pg_advisory_unlock(7)", "t");
  EXPECT_THAT(causes_of(inside), IsEmpty());
}

TEST(Causes, SayNothingOfABodyThatRunsWhileItsReplicaIsEnded) {
  TestHistory ended(1);
  ended.asks(first_session, "SELECT pg_advisory_lock(7)", "")
      .sends(first_session, only_file.sql)
      .is_killed(0)
      .closes(first_session);
  EXPECT_THAT(causes_of(ended), IsEmpty());
}

TEST(Causes, NameReplicasThatTakeDifferentKeys) {
  const auto both = [](const char* second_lock) {
    TestHistory history(2);
    history.asks(first_session, "SELECT pg_advisory_lock(7)", "")
        .does(first_session, only_file.sql, "UPDATE 1")
        .asks(second_session, second_lock, "")
        .does(second_session, only_file.sql, "UPDATE 1");
    return causes_of(history);
  };
  EXPECT_THAT(both("SELECT pg_advisory_lock(8)"), ElementsAre("different-keys"));
  EXPECT_THAT(both("SELECT pg_advisory_lock(7)"), IsEmpty());
}

TEST(Causes, SayNothingOfARunnerThatTakesNoLock) {
  TestHistory history(1);
  EXPECT_THAT(causes_of(history.does(first_session, only_file.sql, "UPDATE 1")), IsEmpty());
}

}  // namespace
}  // namespace gauntlet::oracle
