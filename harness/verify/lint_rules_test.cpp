#include "harness/verify/lint_rules.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace gauntlet::verify {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

constexpr formats::Format gauntlet_format{
    .name = "gauntlet", .marker = true, .runner_mode = {}, .native = true};
constexpr formats::Format whole_files{
    .name = "golang-migrate", .own_transactions = true, .lone_statement = true, .runner_mode = {}};

std::vector<core::Finding> findings(const formats::Format& format, std::string sql) {
  const runner::Script script{.file = "1_a.up.sql", .bytes = std::move(sql), .checksum = {}};
  const sql::MigrationFacts facts = sql::facts_of(script);
  return lint_file({.script = script, .facts = facts, .format = format, .version = 1});
}

std::vector<std::string> ids(const formats::Format& format, std::string sql) {
  std::vector<std::string> result;
  for (const auto& finding : findings(format, std::move(sql))) result.push_back(finding.id);
  return result;
}

constexpr const char* index_statement = "CREATE INDEX CONCURRENTLY i ON t (a);\n";

TEST(LintRules, SayWhereWhyAndWhatToDo) {
  const auto all = findings(gauntlet_format, std::string("SELECT 1;\n\n  ") + index_statement);
  ASSERT_EQ(all.size(), 1U);
  EXPECT_EQ(all[0].where.file, "1_a.up.sql");
  EXPECT_EQ(all[0].where.line, 3);
  EXPECT_EQ(all[0].where.column, 3);
  EXPECT_EQ(all[0].where.version, 1);
  EXPECT_THAT(all[0].message,
              HasSubstr("CREATE INDEX CONCURRENTLY cannot run inside a transaction"));
  EXPECT_THAT(all[0].fix, HasSubstr("-- gauntlet: no-transaction"));
}

TEST(LintRules, LetAMarkedFileRunAnything) {
  EXPECT_THAT(ids(gauntlet_format, std::string("-- gauntlet: no-transaction\n") + index_statement +
                                       "VACUUM;\nBEGIN; SELECT 1; COMMIT;"),
              IsEmpty());
}

TEST(LintRules, FindWhatAMarkedFilePutsIntoItsOwnTransaction) {
  EXPECT_THAT(ids(gauntlet_format, "-- gauntlet: no-transaction\nBEGIN; VACUUM; COMMIT; VACUUM"),
              ElementsAre("needs-no-transaction"));
}

TEST(LintRules, LetALoneStatementBeWhereFilesAreSentWhole) {
  EXPECT_THAT(ids(whole_files, index_statement), IsEmpty());
  EXPECT_THAT(ids(gauntlet_format, index_statement), ElementsAre("needs-no-transaction"));
}

TEST(LintRules, FindItBesideAnotherStatementOfAWholeFile) {
  EXPECT_THAT(ids(whole_files, std::string(index_statement) + "SELECT 1;"),
              ElementsAre("needs-no-transaction"));
  EXPECT_THAT(ids(whole_files, "COMMIT; VACUUM;"),
              ElementsAre("unbalanced-transaction", "needs-no-transaction"));
}

TEST(LintRules, FindItBetweenBeginAndCommitOfAWholeFile) {
  const auto all = findings(whole_files, "BEGIN;\nVACUUM;\nCOMMIT;");
  ASSERT_EQ(all.size(), 1U);
  EXPECT_THAT(all[0].message, HasSubstr("it stands after the BEGIN of line 1"));
}

TEST(LintRules, IgnoreTheMarkerOfAnotherFormat) {
  EXPECT_THAT(
      ids(whole_files, std::string("-- gauntlet: no-transaction\nSELECT 1;") + index_statement),
      ElementsAre("needs-no-transaction"));
  EXPECT_THAT(ids(whole_files, "-- gauntlet: what\nSELECT 1;"), IsEmpty());
}

TEST(LintRules, FindTransactionControlOnlyWhereTheRunnerHasATransaction) {
  const char* own = "BEGIN; SELECT 1; COMMIT;";
  EXPECT_THAT(ids(gauntlet_format, own), ElementsAre("transaction-control", "transaction-control"));
  EXPECT_THAT(ids(whole_files, own), IsEmpty());
}

TEST(LintRules, LetSavepointsPass) {
  EXPECT_THAT(ids(gauntlet_format, "SAVEPOINT a; ROLLBACK TO a; RELEASE a"), IsEmpty());
}

TEST(LintRules, TakeCommitPreparedForAStatementThatNeedsNoTransaction) {
  EXPECT_THAT(ids(gauntlet_format, "COMMIT PREPARED 'g'"), ElementsAre("needs-no-transaction"));
  EXPECT_THAT(ids(whole_files, "COMMIT PREPARED 'g'"), IsEmpty());
}

TEST(LintRules, WarnOfTransactionsThatDoNotBalance) {
  for (const char* sql : {"BEGIN; SELECT 1;", "SELECT 1; COMMIT;", "BEGIN; BEGIN; COMMIT;",
                          "BEGIN; COMMIT AND CHAIN; SELECT 1;", "ROLLBACK;"}) {
    SCOPED_TRACE(sql);
    EXPECT_THAT(ids(whole_files, sql), ElementsAre("unbalanced-transaction"));
  }
  EXPECT_EQ(findings(whole_files, "COMMIT").at(0).severity, core::Severity::warning);
}

TEST(LintRules, TakeBalancedTransactionsForGranted) {
  for (const char* sql : {"BEGIN; COMMIT; START TRANSACTION; END;",
                          "BEGIN; COMMIT AND CHAIN; ABORT;", "BEGIN; PREPARE TRANSACTION 'g'"}) {
    SCOPED_TRACE(sql);
    EXPECT_THAT(ids(whole_files, sql), IsEmpty());
  }
}

TEST(LintRules, FindADirectiveThatStandsTooLate) {
  const auto all = findings(gauntlet_format, "SELECT 1;\n-- gauntlet: no-transaction\n");
  ASSERT_EQ(all.size(), 1U);
  EXPECT_EQ(all[0].id, "unknown-directive");
  EXPECT_EQ(all[0].where.line, 2);
  EXPECT_THAT(all[0].message, HasSubstr("after the first statement"));
}

TEST(LintRules, SeeNoDirectiveInsideQuotes) {
  EXPECT_THAT(ids(gauntlet_format, "SELECT '\n-- gauntlet: what\n';"), IsEmpty());
}

TEST(LintRules, FindCopiesAndPsqlCommandsInAnyFormat) {
  for (const auto& format : {gauntlet_format, whole_files}) {
    SCOPED_TRACE(format.name);
    EXPECT_THAT(ids(format, "\\set x 1\nCOPY t FROM stdin;\n1\n\\.\n"),
                ElementsAre("psql-command", "copy-from-stdin"));
  }
}

TEST(LintRules, SayNothingAboutSyntaxThatIsTooNew) {
  EXPECT_THAT(ids(gauntlet_format, "SELECT 1_000; SELEKT; CREATE TABLE t (a int VIRTUAL);"),
              IsEmpty());
}

TEST(LintRules, SayNothingAboutWordsInsideQuotesAndBodies) {
  EXPECT_THAT(ids(gauntlet_format,
                  "SELECT 'BEGIN; VACUUM'; /* COMMIT; */ DO $$ BEGIN PERFORM 'COMMIT'; END $$;"
                  "CREATE FUNCTION f() RETURNS void LANGUAGE plpgsql AS $$ BEGIN "
                  "CREATE ROLE r; END $$"),
              IsEmpty());
}

TEST(LintRules, WarnOfABlockThatCommitsInsideTheFilesTransaction) {
  const char* block = "DO $$ BEGIN INSERT INTO t VALUES (1); COMMIT; END $$";
  EXPECT_THAT(ids(gauntlet_format, block), ElementsAre("needs-no-transaction"));
  EXPECT_THAT(ids(gauntlet_format, std::string("-- gauntlet: no-transaction\n") + block),
              IsEmpty());
}

TEST(LintRules, TellAnEffectOnceAFile) {
  const auto all = findings(gauntlet_format,
                            "SELECT nextval('s');\nSELECT nextval('s');\nSELECT setval('s', 1);\n"
                            "SELECT nextval('s');\n");
  ASSERT_EQ(all.size(), 2U);
  EXPECT_EQ(all[0].where.line, 1);
  EXPECT_THAT(all[0].message, HasSubstr("and 2 more such statements"));
  EXPECT_EQ(all[1].where.line, 3);
}

TEST(LintRules, OrderFindingsByLine) {
  EXPECT_THAT(
      ids(gauntlet_format, "SELECT setval('s', 1);\nCOMMIT;\nCREATE ROLE r;\n\\q\n"),
      ElementsAre("survives-rollback", "transaction-control", "cluster-wide", "psql-command"));
}

}  // namespace
}  // namespace gauntlet::verify
