#include "harness/verify/file_plan.h"

#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace gauntlet::verify {
namespace {

using formats::Delivery;
using testing::HasSubstr;

runner::Migration planned_migration(const std::string& sql) {
  runner::Migration made;
  made.version.number = 7;
  made.name = "x";
  made.up.file = "migrations/007_x.up.sql";
  made.up.bytes = sql;
  return made;
}

FilePlan plan(const std::string& sql, std::string_view format = "gauntlet",
              Ground ground = Ground::given) {
  static runner::Migration kept;
  kept = planned_migration(sql);
  return plan_file(kept, *formats::find_format(format), ground);
}

TEST(FilePlan, LetsOrdinaryFilesShareATransaction) {
  const FilePlan planned = plan("CREATE TABLE a (id int); INSERT INTO a VALUES (1)");

  EXPECT_EQ(planned.delivery, Delivery::in_transaction);
  EXPECT_EQ(planned.rehearse_because, "");
  EXPECT_FALSE(planned.refused || planned.withheld);
}

TEST(FilePlan, LetsAnEmptyFileShareATransaction) {
  EXPECT_EQ(plan("-- nothing").rehearse_because, "");
}

TEST(FilePlan, SendsAMarkedFileByStatement) {
  const FilePlan planned =
      plan("-- gauntlet: no-transaction\nCREATE INDEX CONCURRENTLY i ON a (id);");

  EXPECT_EQ(planned.delivery, Delivery::by_statement);
  EXPECT_EQ(planned.rehearse_because, "007 says CREATE INDEX CONCURRENTLY");
}

TEST(FilePlan, RehearsesAMarkedFileWithoutSuchAStatement) {
  EXPECT_EQ(plan("-- gauntlet: no-transaction\nCREATE TABLE a (id int);").rehearse_because,
            "007 is marked no-transaction");
}

TEST(FilePlan, RefusesAnUnmarkedFileWithTransactionControl) {
  const FilePlan planned = plan("SELECT 1;\nCOMMIT;");

  ASSERT_TRUE(planned.refused);
  EXPECT_THAT(planned.refused->why, HasSubstr("COMMIT"));
  EXPECT_EQ(planned.refused->place, (runner::Place{2, 1}));
}

TEST(FilePlan, RefusesAnUnmarkedFileThatCannotRunInATransaction) {
  ASSERT_TRUE(plan("VACUUM;").refused);
}

TEST(FilePlan, RefusesToCopyFromStandardInput) {
  ASSERT_TRUE(plan("COPY a FROM STDIN;", "golang-migrate").refused);
}

TEST(FilePlan, SendsAFileWithItsOwnTransactionAsOneMessage) {
  const FilePlan planned = plan("BEGIN; CREATE TABLE a (id int); COMMIT;", "golang-migrate");

  EXPECT_EQ(planned.delivery, Delivery::as_one_message);
  EXPECT_EQ(planned.rehearse_because, "007 says BEGIN itself");
}

TEST(FilePlan, SendsAnUnmarkedLoneStatementAsOneMessage) {
  EXPECT_EQ(plan("CREATE INDEX CONCURRENTLY i ON a (id)", "golang-migrate").delivery,
            Delivery::as_one_message);
}

// As golang-migrate sends it: a procedure that commits may do so there, and nowhere else.
TEST(FilePlan, SendsALoneCallAsOneMessage) {
  const FilePlan planned = plan("CALL backfill();", "golang-migrate");
  EXPECT_EQ(planned.delivery, Delivery::as_one_message);
  EXPECT_EQ(planned.rehearse_because, "007 may commit by itself");
  EXPECT_EQ(plan("CALL backfill();").delivery, Delivery::in_transaction);
  EXPECT_EQ(plan("CALL one(); CALL two();", "golang-migrate").delivery, Delivery::in_transaction);
}

TEST(FilePlan, DoesNotKnowTheMarkerOfAnotherFormat) {
  EXPECT_EQ(plan("-- gauntlet: no-transaction\nSELECT 1", "golang-migrate").delivery,
            Delivery::in_transaction);
}

TEST(FilePlan, RehearsesWhatActsAtACommit) {
  EXPECT_EQ(plan("CREATE TEMP TABLE t (id int) on\n\tCommit DROP").rehearse_because,
            "007 says ON COMMIT");
}

TEST(FilePlan, TellsOnCommitFromItsWordsApart) {
  EXPECT_EQ(
      plan("CREATE INDEX commit_on ON a (commit); -- upon commit, on no commit").rehearse_because,
      "");
}

TEST(FilePlan, RehearsesAFileWithItsOwnLockTimeoutOnlyOnAGivenDatabase) {
  EXPECT_NE(plan("SET lock_timeout = '1min'").rehearse_because, "");
  EXPECT_EQ(plan("SET lock_timeout = '1min'", "gauntlet", Ground::ephemeral).rehearse_because, "");
}

TEST(FilePlan, WithholdsProgramsFromAGivenServer) {
  ASSERT_TRUE(plan("COPY a TO PROGRAM 'mail root'").withheld);
  const FilePlan ours = plan("COPY a TO PROGRAM 'mail root'", "gauntlet", Ground::ephemeral);
  EXPECT_FALSE(ours.withheld);
  EXPECT_THAT(ours.rehearse_because, HasSubstr("which no rollback undoes"));
}

TEST(FilePlan, RehearsesTextThatNobodyCanSplitAndThatMayCommit) {
  EXPECT_NE(plan("SELECT 1; COMMIT; SELECT 'open").rehearse_because, "");
  EXPECT_EQ(plan("SELECT 'open").rehearse_because, "");
}

TEST(FilePlan, LabelsAVersionAsTheFileSpellsIt) { EXPECT_EQ(label(planned_migration("")), "007"); }

TEST(HasWord, FindsWholeWordsInAnyCase) {
  EXPECT_TRUE(has_word("a COMMIT;", "commit"));
  EXPECT_FALSE(has_word("committed precommit commit_x", "commit"));
}

}  // namespace
}  // namespace gauntlet::verify
