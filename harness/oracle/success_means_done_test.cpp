#include "harness/oracle/oracle.h"
#include "harness/oracle/test_history.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace gauntlet::oracle {
namespace {

using core::Verdict;
using ::testing::HasSubstr;
using What = core::Ruling::What;

constexpr const char* first_body =
    "BEGIN;CREATE TABLE a(x int)\n;\nINSERT INTO t VALUES (1);COMMIT";
constexpr const char* second_body = "BEGIN;UPDATE a SET x = 2\n;\nINSERT INTO t VALUES (2);COMMIT";
const TestHistory::Replies committed = {
    {.tag = "BEGIN"}, {.tag = "CREATE TABLE"}, {.tag = "INSERT 0 1"}, {.tag = "COMMIT"}};

Observation seen(const TestHistory& history) {
  TestHistory copy = history;
  return {.history = copy.history(),
          .pending = {{1, "-- the table\nCREATE TABLE a(x int);\n"}, {2, "UPDATE a SET x = 2;\n"}}};
}

core::Judgement judge_success_means_done(const TestHistory& history) {
  return ask(oracle("success-means-done"), seen(history));
}

TestHistory& applies(TestHistory& history, core::SessionId session, const char* body) {
  return history.sends(session, body).is_told({.statements = committed});
}

TEST(SuccessMeansDone, HoldsWhereOthersLeaveOnceTheLastWasSent) {
  TestHistory history(2);
  applies(history, first_session, first_body);
  applies(history, first_session, second_body).exits(1, 0).exits(0, 0);

  EXPECT_EQ(judge_success_means_done(history).verdict, Verdict::holds);
}

TEST(SuccessMeansDone, IsViolatedByOneThatLeavesWhileAMigrationIsStillToCome) {
  TestHistory history(3);
  history.opens(first_session, 11);
  applies(history, first_session, first_body).exits(2, 0).exits(1, 0);
  applies(history, first_session, second_body).exits(0, 0);

  const auto judgement = judge_success_means_done(history);

  ASSERT_EQ(judgement.findings.size(), 1U);
  EXPECT_EQ(judgement.findings[0].id, "success-too-early");
  EXPECT_EQ(judgement.findings[0].where.version, 2);
  EXPECT_THAT(
      judgement.findings[0].message,
      HasSubstr("2 of 3 replicas ended with exit 0 while migration 2 was pending: replica 1 "
                "at 5.0 ms, and session 0 of replica 0 (server process 11) was the first "
                "to send `UPDATE a SET x = 2` at 7.0 ms"));
}

TEST(SuccessMeansDone, KnowsThatNothingCouldBeRecordedWhereNothingIsSeen) {
  TestHistory history(3);
  history.exits(2, 0).exits(1, 3).exits(1, 0);
  Observation observation = seen(history);
  observation.recording_held_until = observation.history.events.size() - 1;

  const auto judgement = ask(oracle("success-means-done"), observation);

  ASSERT_EQ(judgement.findings.size(), 1U);
  EXPECT_THAT(
      judgement.findings[0].message,
      HasSubstr("1 of 3 replicas ended with exit 0 while migration 1 was pending: replica 2 "
                "at "));
  EXPECT_THAT(judgement.findings[0].message, HasSubstr("nobody could record anything before "));

  observation.recording_held_until = 0;
  EXPECT_EQ(ask(oracle("success-means-done"), observation).verdict, Verdict::holds);
}

TEST(SuccessMeansDone, KnowsABodyThatIsSentStatementByStatement) {
  TestHistory history(2);
  history.does(first_session, "BEGIN", "BEGIN")
      .exits(1, 0)
      .does(first_session, "CREATE TABLE a(x int)", "CREATE TABLE");

  EXPECT_EQ(judge_success_means_done(history).verdict, Verdict::violated);
}

TEST(SuccessMeansDone, DoesNotAccuseWhoLeavesWhileTheLastIsUnderWay) {
  TestHistory history(2);
  applies(history, first_session, first_body)
      .sends(first_session, second_body)
      .exits(1, 0)
      .is_told({.statements = committed})
      .exits(0, 0);

  EXPECT_EQ(judge_success_means_done(history).verdict, Verdict::holds);
}

TEST(SuccessMeansDone, DoesNotAccuseWhoHasAppliedWhatAnotherThenAppliesAgain) {
  TestHistory history(2);
  applies(history, first_session, first_body);
  applies(history, first_session, second_body).exits(0, 0);
  applies(history, second_session, second_body).exits(1, 0);

  EXPECT_EQ(judge_success_means_done(history).verdict, Verdict::holds);
}

TEST(SuccessMeansDone, CountsNoSendingThatWasRefused) {
  TestHistory history(2);
  applies(history, first_session, first_body)
      .sends(first_session, second_body)
      .is_told({.ending = core::Reply::Ending::refused, .statements = {{.tag = "BEGIN"}}})
      .exits(1, 0);
  applies(history, first_session, second_body);

  EXPECT_EQ(judge_success_means_done(history).verdict, Verdict::violated);
}

TEST(SuccessMeansDone, CountsARefusedSendingWhosePartWasCommitted) {
  TestHistory history(2);
  applies(history, first_session, first_body)
      .sends(first_session, second_body)
      .is_told({.ending = core::Reply::Ending::refused, .statements = committed})
      .exits(1, 0);
  applies(history, first_session, second_body);

  EXPECT_EQ(judge_success_means_done(history).verdict, Verdict::holds);
}

TEST(SuccessMeansDone, CountsASendingWhoseReplyWasLost) {
  TestHistory history(2);
  applies(history, first_session, first_body)
      .sends(first_session, second_body)
      .is_told({.ending = core::Reply::Ending::lost})
      .exits(1, 0);
  applies(history, second_session, second_body);

  EXPECT_EQ(judge_success_means_done(history).verdict, Verdict::holds);
}

TEST(SuccessMeansDone, CountsOnlyWhatCrossedToTheServer) {
  for (const What what : {What::answer, What::refuse, What::lose_before, What::die_before}) {
    SCOPED_TRACE(to_string(what));
    TestHistory history(2);
    history.sends(first_session, second_body).history().steps.back().ruling.what = what;
    history.exits(1, 0);
    applies(history, first_session, second_body);

    EXPECT_EQ(judge_success_means_done(history).verdict, Verdict::violated);
  }
  for (const What what : {What::rewrite, What::lose_after, What::die_after}) {
    SCOPED_TRACE(to_string(what));
    TestHistory history(2);
    history.sends(first_session, second_body).history().steps.back().ruling = {.what = what,
                                                                               .text = second_body};
    history.exits(1, 0);
    applies(history, first_session, second_body);

    EXPECT_EQ(judge_success_means_done(history).verdict, Verdict::holds);
  }
}

TEST(SuccessMeansDone, IsNotProvenByATextThatOnlyHoldsTheStatement) {
  TestHistory history(2);
  applies(history, first_session, first_body)
      .exits(1, 0)
      .does(first_session, "PREPARE p AS UPDATE a SET x = 2", "PREPARE");
  applies(history, first_session, second_body);

  EXPECT_EQ(judge_success_means_done(history).verdict, Verdict::holds);
}

TEST(SuccessMeansDone, DoesNotAccuseWhoFails) {
  TestHistory history(2);
  history.exits(1, 1);
  applies(history, first_session, first_body);

  const auto judgement = judge_success_means_done(history);

  EXPECT_EQ(judgement.verdict, Verdict::holds);
  EXPECT_EQ(judgement.reason, "");
}

TEST(SuccessMeansDone, OnlyTellsOfAnotherCodeThatCountsAsSuccess) {
  TestHistory history(2);
  history.exits(1, 3);
  Observation observation = seen(applies(history, first_session, first_body));
  observation.success_codes = {0, 3};

  const auto judgement = ask(oracle("success-means-done"), observation);

  EXPECT_EQ(judgement.verdict, Verdict::holds);
  EXPECT_THAT(
      judgement.reason,
      HasSubstr("1 of 2 replicas left while migration 1 was pending, replica 1 with exit 3"));
}

TEST(SuccessMeansDone, DoesNotAccuseWhoWasToldOtherwise) {
  TestHistory history(2);
  history.exits(1, 0);
  Observation observation = seen(applies(history, first_session, first_body));
  observation.appliers = 1;

  EXPECT_EQ(ask(oracle("success-means-done"), observation).verdict, Verdict::holds);
}

TEST(SuccessMeansDone, DoesNotAccuseAReplicaOfItsOwnLateSending) {
  TestHistory history(1);
  history.exits(0, 0);

  EXPECT_EQ(judge_success_means_done(applies(history, first_session, first_body)).verdict,
            Verdict::holds);
}

TEST(SuccessMeansDone, IsUnknownWhereNothingOfAPendingMigrationWasSeen) {
  TestHistory history(1);
  history.asks(first_session, "SELECT 1", "1").exits(0, 0);

  const auto judgement = judge_success_means_done(history);

  EXPECT_EQ(judgement.verdict, Verdict::unknown);
  EXPECT_EQ(judgement.reason, "no statement of a pending migration was seen");
}

TEST(SuccessMeansDone, IsUnknownWhereNothingWasKnownToBePending) {
  TestHistory history(1);
  Observation observation = seen(applies(history, first_session, first_body));
  observation.pending.clear();

  EXPECT_EQ(ask(oracle("success-means-done"), observation).verdict, Verdict::unknown);
}

}  // namespace
}  // namespace gauntlet::oracle
