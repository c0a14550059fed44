// What the history shows is judged whatever a scenario names: the standing oracles, and success
// where nothing is there.
#include "harness/oracle/oracle.h"
#include "harness/oracle/test_history.h"

#include <algorithm>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace gauntlet::oracle {
namespace {

using core::Reply;
using core::Verdict;
using ::testing::HasSubstr;

core::Judgement asked(std::string_view id, const Observation& observation) {
  const auto found = std::ranges::find(standing_oracles(), id, &Oracle::id);
  return ask(found == standing_oracles().end() ? oracle(id) : *found, observation);
}

MigrationFile double_it() {
  return {.version = 2,
          .name = "002_double.up.sql",
          .sql = "UPDATE accounts SET cents = cents * 2; UPDATE accounts SET seen = true;"};
}

Reply refusal() {
  return {.ending = Reply::Ending::refused,
          .sqlstate = "23505",
          .message = "could not create unique index \"one_step\""};
}

/// Both replicas run the file; the second one ends its transaction with `last`.
Observation both_run_it(const char* last, const char* tag) {
  TestHistory history(2);
  for (const core::SessionId session : {first_session, second_session}) {
    history.sends(session, "BEGIN")
        .is_told({.statements = {{.tag = "BEGIN"}}, .in_transaction = true});
    history.sends(session, double_it().sql)
        .is_told(
            {.statements = {{.tag = "UPDATE 0"}, {.tag = "UPDATE 0"}}, .in_transaction = true});
  }
  history.does(first_session, "COMMIT", "COMMIT").does(second_session, last, tag);
  return {.history = history.history(), .files = {double_it()}, .all_apply = true};
}

TEST(CommittedOnce, IsViolatedByTwoCommitsOfOneFileAlsoWhereItsTableIsEmpty) {
  const core::Judgement judgement = asked("committed-once", both_run_it("COMMIT", "COMMIT"));
  ASSERT_EQ(judgement.verdict, Verdict::violated);
  EXPECT_EQ(judgement.findings[0].id, "applied-twice");
  EXPECT_EQ(judgement.findings[0].where.file, "002_double.up.sql");
  EXPECT_THAT(judgement.findings[0].message, HasSubstr("by 2 replicas: 0, 1"));
}

TEST(CommittedOnce, SaysNothingWhereTheSecondOneRollsBack) {
  EXPECT_EQ(asked("committed-once", both_run_it("ROLLBACK", "ROLLBACK")).verdict,
            Verdict::nothing_judged);
}

TEST(CommittedOnce, SaysNothingOfAFileThatMayRunAgain) {
  const MigrationFile again{.version = 1,
                            .name = "1_a.up.sql",
                            .sql =
                                "CREATE TABLE IF NOT EXISTS a(i int);\n"
                                "CREATE OR REPLACE VIEW v AS SELECT 1;\n"
                                "DROP INDEX IF EXISTS old;\n"};
  TestHistory history(2);
  for (const core::SessionId session : {first_session, second_session})
    history.sends(session, again.sql)
        .is_told({.statements = {
                      {.tag = "CREATE TABLE"}, {.tag = "CREATE VIEW"}, {.tag = "DROP INDEX"}}});
  EXPECT_EQ(
      asked("committed-once", {.history = history.history(), .files = {again}, .all_apply = true})
          .verdict,
      Verdict::nothing_judged);
}

TEST(CommittedOnce, SaysNothingWhereSomebodyGoesDownMeanwhile) {
  Observation observation = both_run_it("COMMIT", "COMMIT");
  observation.all_apply = false;
  EXPECT_EQ(asked("committed-once", observation).verdict, Verdict::nothing_judged);
}

Observation refused(int exit_code, std::string said) {
  TestHistory history(2);
  history.sends(first_session, double_it().sql).is_told(refusal());
  history.says(0, std::move(said)).exits(0, exit_code).exits(1, 0);
  return {.history = history.history(), .files = {double_it()}, .all_apply = true};
}

TEST(ErrorSwallowed, IsViolatedBySuccessOverAFileThatTheServerRefused) {
  const core::Judgement judgement = asked("error-swallowed", refused(0, ""));
  ASSERT_EQ(judgement.verdict, Verdict::violated);
  EXPECT_EQ(judgement.findings[0].id, "error-swallowed");
  EXPECT_THAT(judgement.findings[0].message, HasSubstr("SQLSTATE 23505"));
  EXPECT_EQ(judgement.findings[0].where.version, 2);
}

TEST(ErrorSwallowed, SaysNothingWhereAnotherReplicaCommittedTheFile) {
  Observation observation = refused(0, "");
  TestHistory later(2);
  later.history() = observation.history;
  later.sends(second_session, double_it().sql)
      .is_told({.statements = {{.tag = "UPDATE 1"}, {.tag = "UPDATE 1"}}});
  observation.history = later.history();
  EXPECT_EQ(asked("error-swallowed", observation).verdict, Verdict::nothing_judged);
}

TEST(ErrorSwallowed, SaysNothingWhereTheReplicaFailsOrTheFileWasAppliedBefore) {
  EXPECT_EQ(asked("error-swallowed", refused(1, "")).verdict, Verdict::nothing_judged);
  Observation again = refused(0, "");
  again.committed_before = {2};
  EXPECT_EQ(asked("error-swallowed", again).verdict, Verdict::nothing_judged);
}

TEST(ErrorMasked, IsViolatedByAFailureThatShowsNothingOfWhatTheServerRefused) {
  const core::Judgement judgement =
      asked("error-masked", refused(1, "current transaction is aborted"));
  ASSERT_EQ(judgement.verdict, Verdict::violated);
  EXPECT_EQ(judgement.findings[0].id, "error-masked");
  EXPECT_THAT(judgement.findings[0].message, HasSubstr("one_step"));
}

TEST(ErrorMasked, SaysNothingWhereTheCodeTheWordsOrTheFileAreShown) {
  for (const char* said : {"failed (23505)", "x: could not create unique index \"o…",
                           "002_double failed", "boom at 002_double.up.sql"}) {
    SCOPED_TRACE(said);
    EXPECT_EQ(asked("error-masked", refused(1, said)).verdict, Verdict::nothing_judged);
  }
}

Observation left_out(int exit_code) {
  return {.history = TestHistory(1).exits(0, exit_code).history(),
          .on_disk = {{.version = 2}},
          .applied = core::Applied{.tracker = "public.t", .rows = {{.version = 1}, {.version = 3}}},
          .files = {double_it()},
          .all_apply = true};
}

TEST(NothingLeftOut, IsViolatedBySuccessOverAFileThatIsNeitherRecordedNorRun) {
  const core::Judgement judgement = asked("nothing-left-out", left_out(0));
  ASSERT_EQ(judgement.verdict, Verdict::violated);
  EXPECT_EQ(judgement.findings[0].id, "not-applied");
  EXPECT_EQ(judgement.findings[0].where.version, 2);
}

TEST(NothingLeftOut, SaysNothingWhereAReplicaFailsOrAFailureIsExpected) {
  EXPECT_EQ(asked("nothing-left-out", left_out(1)).verdict, Verdict::nothing_judged);
  Observation expected = left_out(0);
  expected.expected_error = "";
  EXPECT_EQ(asked("nothing-left-out", expected).verdict, Verdict::nothing_judged);
}

TEST(DiskIsRecorded, HoldsWhereMoreIsRecordedThanIsOnDisk) {
  Observation observation = left_out(0);
  EXPECT_EQ(asked("disk-is-recorded", observation).findings.at(0).id, "not-recorded");
  observation.applied->rows.push_back({.version = 2});
  EXPECT_EQ(asked("disk-is-recorded", observation).verdict, Verdict::holds);
}

TEST(DiskIsRecorded, TakesTheNewestForAllBelowItWhereATrackerKeepsNoOther) {
  Observation observation = left_out(0);
  observation.applied =
      core::Applied{.tracker = "public.t", .rows = {{.version = 3}}, .only_newest = true};
  EXPECT_EQ(asked("disk-is-recorded", observation).verdict, Verdict::holds);
}

TEST(SuccessWithoutATracker, IsNotApplied) {
  const Observation observation{.history = TestHistory(1).exits(0, 0).history(),
                                .on_disk = {{.version = 1}},
                                .tracker_is_absent = true,
                                .journal_is_absent = true};
  for (const char* id : {"set-equality", "disk-is-recorded", "applied-once"}) {
    SCOPED_TRACE(id);
    EXPECT_EQ(asked(id, observation).findings.at(0).id, "not-applied");
  }
  const Observation failed{.history = TestHistory(1).exits(0, 1).history(),
                           .on_disk = {{.version = 1}},
                           .tracker_is_absent = true,
                           .journal_is_absent = true};
  for (const char* id : {"set-equality", "disk-is-recorded", "applied-once"})
    EXPECT_EQ(asked(id, failed).verdict, Verdict::unknown) << id;
}

}  // namespace
}  // namespace gauntlet::oracle
