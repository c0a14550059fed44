#include "harness/oracle/oracle.h"
#include "harness/oracle/test_history.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace gauntlet::oracle {
namespace {

using core::Verdict;
using ::testing::HasSubstr;

Observation ended_with(int first, int second) {
  TestHistory history(2);
  history.exits(0, first).exits(1, second);
  return {.history = history.history(), .expected_error = "edited-after-apply"};
}

TEST(Refused, HoldsWhereEveryReplicaFails) {
  EXPECT_EQ(ask(oracle("refused"), ended_with(1, 2)).verdict, Verdict::holds);
}

TEST(Refused, IsViolatedByOneSuccessAndNamesTheRemedyOfItsKind) {
  const core::Judgement judgement = ask(oracle("refused"), ended_with(0, 1));
  ASSERT_EQ(judgement.verdict, Verdict::violated);
  EXPECT_EQ(judgement.findings[0].id, "not-refused");
  EXPECT_THAT(judgement.findings[0].message, HasSubstr("1 of 2 replicas report success"));
  EXPECT_THAT(judgement.findings[0].fix, HasSubstr("checksum"));
}

TEST(Refused, IsUnknownWhereAReplicaWasEndedOrNoRefusalWasExpected) {
  TestHistory history(1);
  history.is_killed(0);
  EXPECT_EQ(ask(oracle("refused"), {.history = history.history(), .expected_error = ""}).verdict,
            Verdict::unknown);
  Observation none = ended_with(1, 1);
  none.expected_error.reset();
  EXPECT_EQ(ask(oracle("refused"), none).verdict, Verdict::unknown);
}

/// The second of two files with number 2 is run or not, and the replica reports success or not.
Observation of_two_files(bool is_run, int exit_code) {
  TestHistory history(1);
  if (is_run) history.does(first_session, "CREATE TABLE other(x int)", "CREATE TABLE");
  history.exits(0, exit_code);
  return {.history = history.history(),
          .files = {{.version = 2, .name = "002_a.up.sql", .sql = "CREATE TABLE a(x int)"},
                    {.version = 2, .name = "2_other.up.sql", .sql = "CREATE TABLE other(x int)"}},
          .committed_before = {2}};
}

TEST(RefusedOrApplied, HoldsForARefusalAndForBothApplied) {
  EXPECT_EQ(ask(oracle("refused-or-applied"), of_two_files(false, 1)).verdict, Verdict::holds);
  EXPECT_EQ(ask(oracle("refused-or-applied"), of_two_files(true, 0)).verdict, Verdict::holds);
}

TEST(RefusedOrApplied, IsViolatedWhereOneIsPassedOverAndTheRunSucceeds) {
  const core::Judgement judgement = ask(oracle("refused-or-applied"), of_two_files(false, 0));
  ASSERT_EQ(judgement.verdict, Verdict::violated);
  EXPECT_EQ(judgement.findings[0].id, "duplicate-passed-over");
  EXPECT_THAT(judgement.findings[0].message, HasSubstr("002_a.up.sql, 2_other.up.sql"));
}

/// The file ends its runner's transaction in between; of what follows nothing stays, or all does.
Observation of_a_file_that_commits(const char* end) {
  TestHistory history(1);
  history.does(first_session, "INSERT INTO a VALUES (1)", "INSERT 0 1")
      .sends(first_session, "BEGIN")
      .is_told({.statements = {{.tag = "BEGIN"}}, .in_transaction = true})
      .sends(first_session, "INSERT INTO b VALUES (2)")
      .is_told({.statements = {{.tag = "INSERT 0 1"}}, .in_transaction = true})
      .does(first_session, end, end)
      .exits(0, 0);
  return {.history = history.history(),
          .files = {{.version = 4,
                     .name = "004_commits.up.sql",
                     .sql = "INSERT INTO a VALUES (1);\nCOMMIT;\nINSERT INTO b VALUES (2);\n"}}};
}

TEST(RefusedOrApplied, IsViolatedWhereHalfAFileStaysAndTheRunSucceeds) {
  const core::Judgement judgement =
      ask(oracle("refused-or-applied"), of_a_file_that_commits("ROLLBACK"));
  ASSERT_EQ(judgement.verdict, Verdict::violated);
  EXPECT_EQ(judgement.findings[0].id, "half-applied");
  EXPECT_THAT(judgement.findings[0].message, HasSubstr("004_commits.up.sql"));
  EXPECT_EQ(ask(oracle("refused-or-applied"), of_a_file_that_commits("COMMIT")).verdict,
            Verdict::holds);
}

TEST(RefusedOrApplied, IsUnknownWhereNoStatementOfAFileIsKnown) {
  Observation observation = of_two_files(false, 0);
  observation.committed_before.clear();
  EXPECT_EQ(ask(oracle("refused-or-applied"), observation).verdict, Verdict::unknown);
}

}  // namespace
}  // namespace gauntlet::oracle
