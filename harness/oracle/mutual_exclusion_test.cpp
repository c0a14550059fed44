#include "harness/oracle/oracle.h"
#include "harness/oracle/test_history.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace gauntlet::oracle {
namespace {

using core::Verdict;
using ::testing::HasSubstr;
constexpr const char* try_lock = "SELECT pg_try_advisory_lock(42)";
constexpr const char* unlock_42 = "SELECT pg_advisory_unlock(42)";

core::Judgement judge_mutual_exclusion(TestHistory& history) {
  return ask(oracle("mutual-exclusion"), {.history = history.history()});
}

TEST(MutualExclusion, HoldsWhenOneLocksAfterTheOtherHasUnlocked) {
  EXPECT_EQ(judge_mutual_exclusion(TestHistory(2)
                                       .asks(first_session, try_lock, "t")
                                       .asks(second_session, try_lock, "f")
                                       .does(first_session, "CREATE TABLE a()", "CREATE TABLE")
                                       .asks(first_session, unlock_42, "t")
                                       .asks(second_session, try_lock, "t"))
                .verdict,
            Verdict::holds);
}

TEST(MutualExclusion, HoldsWhenTheFirstLeavesByClosingBeforeThatIsSeen) {
  EXPECT_EQ(judge_mutual_exclusion(TestHistory(2)
                                       .asks(first_session, try_lock, "t")
                                       .does(first_session, "CREATE TABLE a()", "CREATE TABLE")
                                       .asks(second_session, try_lock, "t")
                                       .closes(first_session))
                .verdict,
            Verdict::holds);
}

TEST(MutualExclusion, IsViolatedByTwoThatAreInsideAtOnce) {
  const auto judgement = judge_mutual_exclusion(TestHistory(2)
                                                    .opens(first_session, 11)
                                                    .asks(first_session, try_lock, "t")
                                                    .asks(second_session, try_lock, "true")
                                                    .asks(first_session, unlock_42, "t"));

  ASSERT_EQ(judgement.findings.size(), 1U);
  EXPECT_EQ(judgement.findings[0].id, "two-in-critical-section");
  EXPECT_THAT(judgement.findings[0].message,
              HasSubstr("session 0 of replica 0 (server process 11) was given the lock at 3.0 ms, "
                        "and session 0 of replica 1 at 6.0 ms, before the first had given it up"));
  EXPECT_THAT(judgement.findings[0].message, HasSubstr("(key 42)"));
}

TEST(MutualExclusion, IsViolatedByKeysOfTheirOwnAndNamesThem) {
  const auto judgement =
      judge_mutual_exclusion(TestHistory(2)
                                 .asks(first_session, "SELECT pg_advisory_lock(1)", "")
                                 .asks(second_session, "SELECT pg_advisory_lock(2)", "")
                                 .does(first_session, "CREATE TABLE a()", "CREATE TABLE")
                                 .does(second_session, "CREATE TABLE b()", "CREATE TABLE"));

  ASSERT_EQ(judgement.findings.size(), 1U);
  EXPECT_THAT(judgement.findings[0].message, HasSubstr("(they lock two keys: 1 and 2)"));
}

TEST(MutualExclusion, LetsOneLookUnderTheLockOfOneMigrationWhileAnotherAppliesTheNext) {
  EXPECT_EQ(judge_mutual_exclusion(TestHistory(2)
                                       .asks(first_session, "SELECT pg_advisory_lock(2)", "")
                                       .asks(second_session, "SELECT pg_advisory_lock(1)", "")
                                       .does(first_session, "CREATE TABLE a()", "CREATE TABLE")
                                       .asks(second_session, "SELECT count(*) FROM t", "1"))
                .verdict,
            Verdict::holds);
}

TEST(MutualExclusion, LetsOneReplicaHoldTwoLocks) {
  constexpr core::SessionId other{.replica = 0, .number = 1};

  EXPECT_EQ(judge_mutual_exclusion(TestHistory(1)
                                       .asks(first_session, try_lock, "t")
                                       .asks(other, "SELECT pg_advisory_lock(7)", ""))
                .verdict,
            Verdict::holds);
}

TEST(MutualExclusion, DoesNotAccuseASessionThatWasLostPerhapsBeforeTheOtherHadTheLock) {
  EXPECT_EQ(judge_mutual_exclusion(TestHistory(2)
                                       .asks(first_session, try_lock, "t")
                                       .asks(second_session, try_lock, "t")
                                       .sends(first_session, "CREATE TABLE a()")
                                       .is_told({.ending = core::Reply::Ending::lost}))
                .verdict,
            Verdict::holds);
}

TEST(MutualExclusion, IsUnknownWhenEachLockBeganAndEndedInOneMessage) {
  const std::string message = "BEGIN; SELECT pg_advisory_xact_lock(1); COMMIT";
  const TestHistory::Replies replies = {
      {.tag = "BEGIN"}, {.tag = "SELECT 1", .rows = 1}, {.tag = "COMMIT"}};

  EXPECT_EQ(judge_mutual_exclusion(
                TestHistory(1).sends(first_session, message).is_told({.statements = replies}))
                .verdict,
            Verdict::unknown);
}

TEST(MutualExclusion, IsUnknownWhenNoLockWasSeen) {
  EXPECT_EQ(judge_mutual_exclusion(TestHistory(1).asks(first_session, try_lock, "f")).verdict,
            Verdict::unknown);
}

}  // namespace
}  // namespace gauntlet::oracle
