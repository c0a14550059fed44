#include "harness/oracle/oracle.h"
#include "harness/oracle/test_history.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace gauntlet::oracle {
namespace {

using core::Verdict;
using ::testing::HasSubstr;
core::Judgement judge_nobody_passes(TestHistory& history) {
  return ask(oracle("nobody-passes"), {.history = history.history()});
}

TestHistory held(std::size_t replicas) {
  TestHistory history(replicas);
  history.marks(core::Event::Kind::foreign_lock_taken);
  for (std::size_t replica = 0; replica < replicas; ++replica) {
    history.asks({.replica = replica}, "SELECT pg_try_advisory_lock(1)", "f");
  }
  return history;
}

TEST(NobodyPasses, HoldsWhenAllAskAndGoOnOnlyAfterwards) {
  TestHistory history = held(2);

  EXPECT_EQ(judge_nobody_passes(history.marks(core::Event::Kind::foreign_lock_released)
                                    .does(first_session, "INSERT INTO t VALUES (1)", "INSERT 0 1")
                                    .exits(0, 0)
                                    .exits(1, 0))
                .verdict,
            Verdict::holds);
}

TEST(NobodyPasses, HoldsWhenAReplicaGivesUpWithAnError) {
  TestHistory history = held(1);

  EXPECT_EQ(judge_nobody_passes(history.exits(0, 1)).verdict, Verdict::holds);
}

TEST(NobodyPasses, TellsOfAReplicaThatSawTheLockAndLeftWithSuccess) {
  TestHistory history = held(2);

  const auto judgement =
      judge_nobody_passes(history.asks(second_session, "SELECT pg_try_advisory_lock(7)", "f")
                              .exits(1, 0)
                              .marks(core::Event::Kind::foreign_lock_released));

  ASSERT_EQ(judgement.findings.size(), 1U);
  EXPECT_EQ(judgement.findings[0].id, "success-too-early");
  EXPECT_THAT(judgement.findings[0].message, HasSubstr("replica 1 was refused the lock"));
}

TEST(NobodyPasses, IsViolatedByAReplicaThatIsDoneMeanwhile) {
  TestHistory history(2);
  history.marks(core::Event::Kind::foreign_lock_taken)
      .asks(first_session, "SELECT 1", "1")
      .asks(second_session, "SELECT 1", "1");

  const auto judgement =
      judge_nobody_passes(history.exits(1, 0).marks(core::Event::Kind::foreign_lock_released));

  ASSERT_EQ(judgement.findings.size(), 1U);
  EXPECT_EQ(judgement.findings[0].id, "passed-the-lock");
  EXPECT_THAT(judgement.findings[0].message, HasSubstr("1 of 2 replicas, replica 1 among them"));
}

TEST(NobodyPasses, IsViolatedByAWriteMeanwhile) {
  TestHistory history = held(1);

  const auto judgement =
      judge_nobody_passes(history.does(first_session, "INSERT INTO t VALUES (1)", "INSERT 0 1"));

  ASSERT_EQ(judgement.findings.size(), 1U);
  EXPECT_THAT(judgement.findings[0].message, HasSubstr("did `INSERT INTO t VALUES (1)`"));
}

TEST(NobodyPasses, LetsAReplicaLookForItsTracker) {
  TestHistory history = held(1);

  EXPECT_EQ(judge_nobody_passes(
                history.does(first_session, "CREATE TABLE IF NOT EXISTS t()", "CREATE TABLE"))
                .verdict,
            Verdict::holds);
}

TEST(NobodyPasses, LetsAReplicaMakeItsTrackerWhereTheMigrationsAreKnown) {
  const auto asked_of = [](const std::string& sql) {
    TestHistory history = held(1);
    history.does(first_session, sql, "INSERT 0 1");
    return ask(oracle("nobody-passes"),
               {.history = history.history(), .bodies = {"INSERT INTO a\n  VALUES (1);\n"}})
        .verdict;
  };

  EXPECT_EQ(asked_of("INSERT INTO tracker VALUES (0)"), Verdict::holds);
  EXPECT_EQ(asked_of("INSERT INTO a VALUES (1)"), Verdict::violated);
}

TEST(NobodyPasses, IsUnknownWhenNotAllWereSeenToAsk) {
  TestHistory history(2);

  const auto judgement = judge_nobody_passes(history.marks(core::Event::Kind::foreign_lock_taken)
                                                 .asks(first_session, "SELECT 1", "1")
                                                 .marks(core::Event::Kind::foreign_lock_released)
                                                 .asks(second_session, "SELECT 1", "1"));

  EXPECT_EQ(judgement.verdict, Verdict::unknown);
  EXPECT_THAT(judgement.reason, HasSubstr("1 of 2 replicas were seen at the gate"));
}

TEST(NobodyPasses, IsUnknownWhenNobodyHeldTheLock) {
  EXPECT_EQ(judge_nobody_passes(TestHistory(1).exits(0, 0)).verdict, Verdict::unknown);
}

}  // namespace
}  // namespace gauntlet::oracle
