#include "harness/oracle/oracle.h"
#include "harness/oracle/test_history.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace gauntlet::oracle {
namespace {

using core::Verdict;
using ::testing::HasSubstr;

core::Judgement judge_unlock_confirmed(TestHistory& history) {
  return ask(oracle("unlock-confirmed"), {.history = history.history()});
}

TEST(UnlockConfirmed, HoldsWhenTheServerAnswersTrue) {
  EXPECT_EQ(
      judge_unlock_confirmed(
          TestHistory(1).asks(first_session, lock, "").asks(first_session, unlock, "t").exits(0, 0))
          .verdict,
      Verdict::holds);
}

// A driver prepares the statement first: its Parse has no row in its reply, and asks for nothing.
TEST(UnlockConfirmed, HoldsWhenAnUnlockIsPreparedAndAnsweredTrue) {
  EXPECT_EQ(judge_unlock_confirmed(TestHistory(1)
                                       .prepares(first_session, lock)
                                       .asks(first_session, lock, "")
                                       .prepares(first_session, unlock)
                                       .asks(first_session, unlock, "t")
                                       .exits(0, 0))
                .verdict,
            Verdict::holds);
}

TEST(UnlockConfirmed, IsViolatedWhenAPreparedUnlockIsAnsweredFalse) {
  const auto judgement = judge_unlock_confirmed(TestHistory(1)
                                                    .asks(first_session, lock, "")
                                                    .prepares(first_session, unlock)
                                                    .asks(first_session, unlock, "f")
                                                    .exits(0, 0));
  ASSERT_EQ(judgement.findings.size(), 1U);
  EXPECT_EQ(judgement.findings[0].id, "unlock-ignored");
}

TEST(UnlockConfirmed, HoldsWhenTheReplicaFailsOnFalse) {
  EXPECT_EQ(
      judge_unlock_confirmed(
          TestHistory(1).asks(first_session, lock, "").asks(first_session, unlock, "f").exits(0, 1))
          .verdict,
      Verdict::holds);
}

TEST(UnlockConfirmed, HoldsForOneThatLeavesByClosingAndSaysSo) {
  const auto judgement = judge_unlock_confirmed(
      TestHistory(1).asks(first_session, lock, "").closes(first_session).exits(0, 0));

  EXPECT_EQ(judgement.verdict, Verdict::holds);
  EXPECT_THAT(judgement.reason, HasSubstr("no replica unlocks"));
}

TEST(UnlockConfirmed, IsViolatedByASuccessAfterFalse) {
  const auto judgement = judge_unlock_confirmed(TestHistory(1)
                                                    .asks(first_session, lock, "")
                                                    .asks(first_session, unlock, "false")
                                                    .exits(0, 0));

  ASSERT_EQ(judgement.findings.size(), 1U);
  EXPECT_EQ(judgement.findings[0].id, "unlock-ignored");
  EXPECT_THAT(judgement.findings[0].message,
              HasSubstr("answered false to the unlock of session 0 of replica 0"));
}

TEST(UnlockConfirmed, IsViolatedByASuccessAfterAnErrorOfTheUnlock) {
  const auto judgement = judge_unlock_confirmed(
      TestHistory(1)
          .asks(first_session, lock, "")
          .sends(first_session, unlock)
          .is_told({.ending = core::Reply::Ending::refused, .sqlstate = "25P02"})
          .exits(0, 0));

  ASSERT_EQ(judgement.findings.size(), 1U);
  EXPECT_THAT(judgement.findings[0].message, HasSubstr("refused the unlock"));
}

TEST(UnlockConfirmed, LetsAReplicaWithoutALockUnlockToBeSafe) {
  EXPECT_EQ(judge_unlock_confirmed(TestHistory(2)
                                       .asks(second_session, lock, "")
                                       .asks(first_session, unlock, "f")
                                       .exits(0, 0))
                .verdict,
            Verdict::holds);
}

TEST(UnlockConfirmed, LetsAReplicaUnlockUntilTheServerSaysFalse) {
  EXPECT_EQ(judge_unlock_confirmed(TestHistory(1)
                                       .asks(first_session, lock, "")
                                       .asks(first_session, unlock, "t")
                                       .asks(first_session, unlock, "f")
                                       .exits(0, 0))
                .verdict,
            Verdict::holds);
}

TEST(UnlockConfirmed, IsViolatedWhenABodyGaveTheLockAway) {
  EXPECT_EQ(judge_unlock_confirmed(TestHistory(1)
                                       .asks(first_session, lock, "")
                                       .asks(first_session, "SELECT pg_advisory_unlock_all()", "")
                                       .asks(first_session, unlock, "f")
                                       .exits(0, 0))
                .verdict,
            Verdict::violated);
}

TEST(UnlockConfirmed, IsViolatedByTheSecondOfTwoTurnsWhoseUnlockIsNotConfirmed) {
  EXPECT_EQ(judge_unlock_confirmed(TestHistory(1)
                                       .asks(first_session, lock, "")
                                       .asks(first_session, unlock, "t")
                                       .asks(first_session, lock, "")
                                       .asks(first_session, unlock, "f")
                                       .exits(0, 0))
                .verdict,
            Verdict::violated);
}

TEST(UnlockConfirmed, LetsWhoeverLockedForATransactionUnlockInVain) {
  EXPECT_EQ(judge_unlock_confirmed(
                TestHistory(1)
                    .sends(first_session, "BEGIN; SELECT pg_advisory_xact_lock(1)")
                    .is_told({.statements = {{.tag = "BEGIN"}, {.tag = "SELECT 1", .rows = 1}},
                              .in_transaction = true})
                    .does(first_session, "COMMIT", "COMMIT")
                    .asks(first_session, unlock, "f")
                    .exits(0, 0))
                .verdict,
            Verdict::holds);
}

TEST(UnlockConfirmed, IsUnknownWhenTheEndWasNotSeen) {
  EXPECT_EQ(judge_unlock_confirmed(
                TestHistory(1).asks(first_session, lock, "").asks(first_session, unlock, "f"))
                .verdict,
            Verdict::unknown);
}

TEST(UnlockConfirmed, IsUnknownWhenNoLockWasSeen) {
  EXPECT_EQ(judge_unlock_confirmed(TestHistory(1).exits(0, 0)).verdict, Verdict::unknown);
}

}  // namespace
}  // namespace gauntlet::oracle
