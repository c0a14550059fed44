#include "harness/verify/test_ground.h"

#include <chrono>
#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace gauntlet::verify::test {
namespace {

using core::Verdict;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;

core::Result dry_run_like_golang_migrate(const Folder& folder) {
  Options options = options_for(folder, "ephemeral");
  options.format = *formats::find_format("golang-migrate");
  return judge(options, "dry-run");
}

TEST(DryRun, HoldsForFilesThatBuildOnEachOther) {
  Folder folder;
  folder.add("001_a.up.sql", "CREATE TABLE a (id int PRIMARY KEY)")
      .add("002_b.up.sql", "ALTER TABLE a ADD COLUMN b text; -- and no more")
      .add("003_c.up.sql", "INSERT INTO a VALUES (1, 'x');\r\n");

  const core::Result result = dry_run_of(folder);

  EXPECT_EQ(result.judgement.verdict, Verdict::holds) << result.judgement.reason;
  EXPECT_THAT(outcomes_of(result), ElementsAre("ok", "ok", "ok"));
  EXPECT_THAT(notes_of(result), HasSubstr("ran in place"));
}

TEST(DryRun, LeavesNothingOnAGivenDatabase) {
  const GivenServer server;
  server.run("CREATE TABLE kept (id serial PRIMARY KEY); INSERT INTO kept DEFAULT VALUES");
  Folder folder;
  folder.add("001_a.up.sql", "CREATE TABLE a (id int); INSERT INTO kept DEFAULT VALUES;");

  const core::Result result = dry_run_of(folder, server);

  EXPECT_EQ(result.judgement.verdict, Verdict::holds) << result.judgement.reason;
  EXPECT_EQ(server.value("SELECT count(*) || ' ' || (to_regclass('a') IS NULL) FROM kept"),
            "1 true");
  EXPECT_THAT(notes_of(result), HasSubstr("the server calls our transaction aborted"));
  EXPECT_THAT(notes_of(result), HasSubstr("catalogue, tracker and data are as before"));
}

TEST(DryRun, SetsASequenceBackThatMoved) {
  const GivenServer server;
  server.run("CREATE TABLE kept (id serial PRIMARY KEY); INSERT INTO kept DEFAULT VALUES");
  Folder folder;
  folder.add("001_a.up.sql", "INSERT INTO kept DEFAULT VALUES;");

  const core::Result result = dry_run_of(folder, server);

  EXPECT_EQ(result.judgement.verdict, Verdict::holds);
  EXPECT_THAT(notes_of(result), HasSubstr("kept_id_seq had moved from"));
  EXPECT_THAT(notes_of(result), HasSubstr("and was set back"));
  EXPECT_EQ(server.value("SELECT last_value || ' ' || is_called FROM kept_id_seq"), "1 true");
}

TEST(DryRun, ReportsASequenceThatMovedBesideOthers) {
  const GivenServer server;
  server.run("CREATE TABLE kept (id serial PRIMARY KEY); INSERT INTO kept DEFAULT VALUES");
  const auto user = server.connect();
  Folder folder;
  folder.add("001_a.up.sql", "INSERT INTO kept DEFAULT VALUES;");
  Options options = options_for(folder, server.address().conninfo());
  options.in_place = true;

  EXPECT_THAT(notes_of(judge(options, "dry-run")), HasSubstr("kept_id_seq moved from"));
}

TEST(DryRun, TellsTheFirstFailingFileAndJudgesNoLaterOne) {
  Folder folder;
  folder.add("001_a.up.sql", "CREATE TABLE a (id int);")
      .add("004_b.up.sql", "\xEF\xBB\xBF-- naïve ✓\r\nSELECT 'äöü', missing FROM a;\r\n")
      .add("005_c.up.sql", "CREATE TABLE c (id int);");

  const core::Result result = dry_run_of(folder);

  ASSERT_THAT(ids_of(result), ElementsAre("migration-fails"));
  EXPECT_THAT(outcomes_of(result), ElementsAre("ok", "failed", "not judged: follows 004"));
  const core::Finding& finding = result.judgement.findings.at(0);
  EXPECT_THAT(finding.where.file, HasSubstr("004_b.up.sql"));
  EXPECT_EQ(finding.where.line, 2);
  EXPECT_EQ(finding.where.column, 15);
  EXPECT_THAT(finding.message, HasSubstr("SQLSTATE 42703"));
}

TEST(DryRun, FindsTheStatementOfAFailureThatHasNoPosition) {
  Folder folder;
  folder.add("001_a.up.sql",
             "CREATE TABLE a (id int);\nINSERT INTO a VALUES (1);\n  SELECT 1/0 FROM a;\n");

  const core::Result result = dry_run_of(folder);

  ASSERT_THAT(ids_of(result), ElementsAre("migration-fails"));
  EXPECT_EQ(result.judgement.findings.at(0).where.line, 3);
  EXPECT_EQ(result.judgement.findings.at(0).where.column, 3);
}

TEST(DryRun, TellsAMessageThatDoesNotParseInWhicheverFile) {
  for (const bool is_first : {true, false}) {
    Folder folder;
    if (!is_first) folder.add("000_fine.up.sql", "CREATE TABLE fine (id int);");
    folder.add("001_a.up.sql", "CREATE TABLE a (id int);\nCREATE TABLE [ b ] (id int);");

    const core::Result result = dry_run_of(folder);

    EXPECT_EQ(result.judgement.verdict, Verdict::violated) << result.judgement.reason;
    ASSERT_THAT(ids_of(result), ElementsAre("migration-fails"));
    const core::Finding& finding = result.judgement.findings.at(0);
    EXPECT_THAT(finding.message, HasSubstr("syntax error at or near \"[\" (SQLSTATE 42601)"));
    EXPECT_EQ(finding.where.line, 2);
    EXPECT_EQ(finding.where.column, 14);
  }
}

TEST(DryRun, TellsAMessageThatDoesNotParseInARehearsal) {
  Folder folder;
  folder.add("001_a.up.sql", "-- gauntlet: no-transaction\nVACUUM;")
      .add("002_b.up.sql", "CREATE TABEL b (id int);");

  const core::Result result = dry_run_of(folder);

  EXPECT_EQ(result.judgement.verdict, Verdict::violated) << result.judgement.reason;
  ASSERT_THAT(ids_of(result), ElementsAre("migration-fails"));
  EXPECT_EQ(result.judgement.findings.at(0).where.column, 8);
}

TEST(DryRun, LetsAFileAlterWhatTheFileBeforeFilled) {
  Folder folder;
  folder
      .add("001_a.up.sql",
           "CREATE TABLE a (id int PRIMARY KEY);"
           "CREATE TABLE b (a int REFERENCES a DEFERRABLE INITIALLY DEFERRED);")
      .add("002_b.up.sql", "INSERT INTO b VALUES (1); INSERT INTO a VALUES (1);")
      .add("003_c.up.sql", "ALTER TABLE b ADD COLUMN c int;")
      .add("004_d.up.sql", "INSERT INTO b VALUES (2); INSERT INTO a VALUES (2);");

  const core::Result result = dry_run_of(folder);

  EXPECT_EQ(result.judgement.verdict, Verdict::holds) << result.judgement.reason;
  EXPECT_THAT(outcomes_of(result), ElementsAre("ok", "ok", "ok", "ok"));
}

TEST(DryRun, TellsADeferredConstraintInTheFileThatBreaksIt) {
  Folder folder;
  folder
      .add("001_a.up.sql",
           "CREATE TABLE a (id int PRIMARY KEY);"
           "CREATE TABLE b (a int REFERENCES a DEFERRABLE INITIALLY DEFERRED);")
      .add("002_b.up.sql", "INSERT INTO b VALUES (1);")
      .add("003_c.up.sql", "INSERT INTO a VALUES (1);");

  const core::Result result = dry_run_of(folder);

  ASSERT_THAT(ids_of(result), ElementsAre("constraint-fails-at-commit"));
  EXPECT_THAT(result.judgement.findings.at(0).where.file, HasSubstr("002_b.up.sql"));
  EXPECT_THAT(outcomes_of(result), ElementsAre("ok", "failed", "not judged: follows 002"));
}

TEST(DryRun, ChecksAtOnceWhatIsOnlyDeferrable) {
  Folder folder;
  folder
      .add("001_a.up.sql",
           "CREATE TABLE a (id int PRIMARY KEY);"
           "CREATE TABLE b (a int REFERENCES a DEFERRABLE INITIALLY IMMEDIATE);")
      .add("002_b.up.sql", "INSERT INTO b VALUES (1); INSERT INTO a VALUES (1);");

  const core::Result result = dry_run_of(folder);

  ASSERT_THAT(ids_of(result), ElementsAre("migration-fails"));
  EXPECT_EQ(result.judgement.findings.at(0).where.line, 1);
}

TEST(DryRun, GivesEachFileTheSessionsOwnSettings) {
  Folder folder;
  folder
      .add("001_dump.up.sql",
           "SELECT pg_catalog.set_config('search_path', '', false);\nSET check_function_bodies = "
           "false;\n"
           "CREATE TABLE public.a (id int);")
      .add("002_b.up.sql", "CREATE TABLE b (id int); ALTER TABLE a ADD COLUMN b int");

  const core::Result result = dry_run_of(folder);

  EXPECT_EQ(result.judgement.verdict, Verdict::holds) << result.judgement.reason;
}

TEST(DryRun, RefusesWhatTheRunnerRefuses) {
  Folder folder;
  folder.add("001_a.up.sql", "CREATE TABLE a (id int);")
      .add("002_b.up.sql", "BEGIN;\nCREATE TABLE b (id int);\nCOMMIT;")
      .add("003_c.up.sql", "CREATE TABLE c (id int);");

  const core::Result result = dry_run_of(folder);

  ASSERT_THAT(ids_of(result), ElementsAre("migration-refused"));
  EXPECT_EQ(result.judgement.findings.at(0).where.line, 1);
  EXPECT_THAT(outcomes_of(result), ElementsAre("ok", "failed", "not judged: follows 002"));
}

TEST(DryRun, KeepsToGolangMigratesConventions) {
  Folder folder;
  folder
      .add("1_a.up.sql", "BEGIN;\r\nCREATE TABLE a (t text DEFAULT '{{ .Value }}');\r\nCOMMIT;\r\n")
      .add("2_b.up.sql", "CREATE INDEX CONCURRENTLY i ON a (t)")
      .add("10_c.up.sql", "ALTER TABLE a ADD COLUMN c int -- no semicolon")
      .add("11_d.up.sql", "");

  const core::Result result = dry_run_like_golang_migrate(folder);

  EXPECT_EQ(result.judgement.verdict, Verdict::holds) << result.judgement.reason;
  EXPECT_THAT(outcomes_of(result), ElementsAre("ok", "ok", "ok", "ok"));
}

TEST(DryRun, FindsATransactionThatAFileLeavesOpen) {
  Folder folder;
  folder.add("1_a.up.sql", "BEGIN;\nCREATE TABLE a (id int);").add("2_b.up.sql", "SELECT 1");

  const core::Result result = dry_run_like_golang_migrate(folder);

  ASSERT_THAT(ids_of(result), ElementsAre("migration-fails"));
  EXPECT_THAT(result.judgement.findings.at(0).message, HasSubstr("leaves a transaction open"));
  EXPECT_THAT(outcomes_of(result), ElementsAre("failed", "not judged: follows 1"));
}

TEST(DryRun, FindsTwoStatementsInAMessageThatOneCannotShare) {
  Folder folder;
  folder.add("1_a.up.sql", "CREATE TABLE a (id int);")
      .add("2_b.up.sql", "SELECT 1;\nCREATE INDEX CONCURRENTLY i ON a (id);");

  const core::Result result = dry_run_like_golang_migrate(folder);

  ASSERT_THAT(ids_of(result), ElementsAre("migration-fails"));
  EXPECT_EQ(result.judgement.findings.at(0).where.line, 2);
}

TEST(DryRun, DoesNotWaitBehindAnOpenTransactionOfAUser) {
  const GivenServer server;
  server.run("CREATE TABLE a (id int)");
  const auto user = server.connect();
  user->send("BEGIN");
  user->send("INSERT INTO a VALUES (1)");
  Folder folder;
  folder.add("004_a.up.sql", "ALTER TABLE a ADD COLUMN b int;");
  Options options = options_for(folder, server.address().conninfo());
  options.in_place = true;
  options.in_place_max = std::chrono::milliseconds(20'000);

  const core::Result result = judge(options, "dry-run");

  EXPECT_EQ(result.judgement.verdict, Verdict::unknown);
  EXPECT_THAT(result.judgement.reason, HasSubstr("somebody holds a lock that 004 needs"));
  EXPECT_EQ(user->transaction_status(), runner::TransactionStatus::in_transaction);
  user->send("COMMIT");
  EXPECT_EQ(server.value("SELECT count(*) FROM a"), "1");
}

TEST(DryRun, IsRehearsedOnACopyWhileOthersAreConnected) {
  const GivenServer server;
  server.run("CREATE TABLE a (id int)");
  const auto user = server.connect();
  Folder folder;
  folder.add("004_a.up.sql", "ALTER TABLE a ADD COLUMN b int;");

  const core::Result result = dry_run_of(folder, server);

  EXPECT_EQ(result.judgement.verdict, Verdict::holds) << result.judgement.reason;
  EXPECT_THAT(notes_of(result), HasSubstr("1 other session is connected to the database"));
}

TEST(DryRun, HoldsNoLockOfAGivenDatabaseForLongerThanItsBound) {
  const GivenServer server;
  server.run("CREATE TABLE a (id int)");
  Folder folder;
  folder.add("004_a.up.sql", "ALTER TABLE a ADD COLUMN b int;")
      .add("005_b.up.sql", "SELECT pg_sleep(0.4);");
  Options options = options_for(folder, server.address().conninfo());
  options.in_place_max = std::chrono::milliseconds(100);

  const core::Result result = judge(options, "dry-run");

  EXPECT_EQ(result.judgement.verdict, Verdict::holds) << result.judgement.reason;
  EXPECT_THAT(notes_of(result), HasSubstr("longer than --in-place-max, 100 ms"));
}

TEST(DryRun, EndsAMigrationThatNeverEnds) {
  const GivenServer server;
  Folder folder;
  folder.add("001_a.up.sql", "CREATE TABLE a (id int); SELECT pg_sleep(3600);");
  Options options = options_for(folder, server.address().conninfo());
  options.statement_timeout = std::chrono::milliseconds(200);

  const core::Result result = judge(options, "dry-run");

  EXPECT_EQ(result.judgement.verdict, Verdict::unknown);
  EXPECT_THAT(result.judgement.reason, HasSubstr("--statement-timeout 200ms"));
  EXPECT_EQ(server.value("SELECT to_regclass('a') IS NULL"), "t");
}

TEST(DryRun, SaysThatADatabaseIsReadOnly) {
  const GivenServer server;
  server.run("ALTER DATABASE app SET default_transaction_read_only = on");
  Folder folder;
  folder.add("001_a.up.sql", "CREATE TABLE a (id int);");

  const core::Result result = dry_run_of(folder, server);

  EXPECT_EQ(result.judgement.verdict, Verdict::unknown);
  EXPECT_THAT(result.judgement.reason, HasSubstr("read-only"));
}

TEST(DryRun, TellsAMissingExtensionFromABrokenMigration) {
  Folder folder;
  folder.add("001_a.up.sql", "CREATE EXTENSION no_such_extension;");

  const core::Result result = dry_run_of(folder);

  EXPECT_EQ(result.judgement.verdict, Verdict::unknown);
  EXPECT_THAT(result.judgement.reason,
              HasSubstr("extension \"no_such_extension\" is not installed"));
}

TEST(DryRun, JudgesOnlyWhatIsPending) {
  const GivenServer server;
  server.run(
      "CREATE TABLE schema_migrations (version bigint PRIMARY KEY, dirty boolean NOT NULL);"
      "INSERT INTO schema_migrations VALUES (1, false); CREATE TABLE a (id int)");
  Folder folder;
  folder.add("001_a.up.sql", "CREATE TABLE a (id int);")
      .add("002_b.up.sql", "ALTER TABLE a ADD COLUMN b int;");

  const core::Result result = dry_run_of(folder, server);

  EXPECT_EQ(result.judgement.verdict, Verdict::holds) << result.judgement.reason;
  EXPECT_THAT(outcomes_of(result), ElementsAre("ok"));
}

TEST(DryRun, CannotJudgeWhereTheRunnerWouldNotStart) {
  const GivenServer server;
  server.run(
      "CREATE TABLE schema_migrations (version bigint PRIMARY KEY, dirty boolean NOT NULL);"
      "INSERT INTO schema_migrations VALUES (1, true)");
  Folder folder;
  folder.add("001_a.up.sql", "CREATE TABLE a (id int);");

  const core::Result result = dry_run_of(folder, server);

  EXPECT_EQ(result.judgement.verdict, Verdict::unknown);
  EXPECT_THAT(result.judgement.reason, HasSubstr("dirty"));
}

TEST(DryRun, SaysThatNothingIsPending) {
  const GivenServer server;
  server.run(
      "CREATE TABLE schema_migrations (version bigint PRIMARY KEY, dirty boolean NOT NULL);"
      "INSERT INTO schema_migrations VALUES (1, false)");
  Folder folder;
  folder.add("001_a.up.sql", "CREATE TABLE a (id int);");

  const core::Result result = dry_run_of(folder, server);

  EXPECT_EQ(result.judgement.verdict, Verdict::holds);
  EXPECT_THAT(notes_of(result), HasSubstr("nothing is pending"));
  EXPECT_THAT(notes_of(result), Not(HasSubstr("ran in place")));
}

}  // namespace
}  // namespace gauntlet::verify::test
