#include "harness/reference/impatient_sessions_test.h"
#include "harness/reference/server_fixture_test.h"
#include "runner/connect.h"
#include "runner/repair.h"

namespace gauntlet::runner {
namespace {

using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

class Outside : public OnServer {
 protected:
  std::string marks() const {
    return value(
        "SELECT string_agg(version || ' at ' || statement_index || ' of ' || statements, ', ') "
        "FROM "
        "applied_migrations_in_progress");
  }
};

TEST_F(Outside, RunsAMarkedFileStatementByStatement) {
  write("1_table.up.sql", "CREATE TABLE t(x int)");
  write("2_index.up.sql",
        "-- gauntlet: no-transaction\nCREATE INDEX CONCURRENTLY i ON t(x);\nVACUUM t;\n"
        "CREATE INDEX CONCURRENTLY j ON t(x)");
  EXPECT_THAT(up(), ElementsAre(Version{1}, Version{2}));
  EXPECT_EQ(value("SELECT count(*) FROM pg_index WHERE indrelid = 't'::regclass AND indisvalid"),
            "2");
  EXPECT_EQ(marks(), "null");
}

TEST_F(Outside, RefusesCommandsOfPsqlBeforeAnythingRuns) {
  for (const std::string header : {"", "-- gauntlet: no-transaction\n"}) {
    write("1_psql.up.sql", header + "CREATE TABLE t(x int);\n\\i seed.sql\nSELECT 1 \\gexec\n");
    EXPECT_THAT(failing_up(),
                AllOf(HasSubstr("error[psql-command]: migration 1 (psql) has commands of psql"),
                      HasSubstr(header.empty() ? "1_psql.up.sql:2:1" : "1_psql.up.sql:3:1"),
                      HasSubstr(header.empty() ? "1_psql.up.sql:3:10" : "1_psql.up.sql:4:10")));
    EXPECT_EQ(value("SELECT to_regclass('t')"), "null");
  }
}

// Who waits for its mark holds the migration lock meanwhile.
TEST_F(Outside, WaitsForItsMarkNoLongerThanForAnyQueryOfTheRunners) {
  write("1_a.up.sql", "SELECT 1");
  up();
  write("2_b.up.sql", "-- gauntlet: no-transaction\nCREATE TABLE t(x int)");
  const auto other = connect();
  other->send("BEGIN; LOCK TABLE applied_migrations_in_progress IN SHARE MODE");
  ImpatientSessions sessions(conninfo());
  const std::string holder = "held by: pid " + std::to_string(other->backend_pid());
  const auto said = [&] {
    try {
      runner::up(sessions, listing(), {});
    } catch (const Error& error) {
      return std::string(error.what());
    }
    return std::string("it did not fail");
  };
  EXPECT_THAT(said(), AllOf(HasSubstr("error[not-recorded]: migration 2 (b) could not be recorded: "
                                      "no answer to a query of the runner's within 0.3 s"),
                            HasSubstr(holder), HasSubstr("nothing of it ran")));
  other->send("COMMIT; BEGIN; LOCK TABLE applied_migrations IN SHARE MODE");
  EXPECT_THAT(said(), AllOf(HasSubstr("error[not-recorded]: migration 2 (b) could not be recorded: "
                                      "no answer to a query of the runner's"),
                            HasSubstr(holder),
                            HasSubstr("`gauntlet-migrate resume 2 --from end` records it")));
  EXPECT_EQ(value("SELECT count(*) FROM t"), "0");
}

TEST_F(Outside, RunsAMarkedFileWithoutStatements) {
  write("1_nothing.up.sql", "-- gauntlet: no-transaction\n");
  EXPECT_THAT(up(), ElementsAre(Version{1}));
}

TEST_F(Outside, LetsTheFilesSettingsLastToItsEndAndNoFurther) {
  write("1_set.up.sql",
        "-- gauntlet: no-transaction\nCREATE ROLE weak; SET ROLE weak; SET lock_timeout = 7000;"
        "SELECT 1; RESET ROLE; CREATE TABLE t AS SELECT current_setting('lock_timeout') AS l");
  write("2_after.up.sql", "INSERT INTO t SELECT current_setting('lock_timeout')");
  up();
  EXPECT_EQ(value("SELECT string_agg(l, ',') FROM t"), "7s,1s");
}

TEST_F(Outside, LeavesAMarkWhereALaterStatementFailedAndRefusesToGoOn) {
  write(
      "1_two.up.sql",
      "-- gauntlet: no-transaction\nCREATE TABLE t(x int);\nINSERT INTO t\n  VALUES ('ö', nope);\n"
      "SELECT 1");
  EXPECT_THAT(failing_up(),
              AllOf(HasSubstr("error[migration-failed]: migration 1 (two) failed: column "
                              "\"nope\" does not exist"),
                    HasSubstr("1_two.up.sql:4:16 (SQLSTATE 42703)"),
                    HasSubstr("it stopped at statement 2 of 3")));
  EXPECT_EQ(marks(), "1 at 2 of 3");
  EXPECT_THAT(
      failing_up(),
      AllOf(
          HasSubstr("error[in-progress]: migration 1 (two) stopped at statement 2 of 3, outside a "
                    "transaction, and was not recorded"),
          HasSubstr("1_two.up.sql:3:1, begun 2"), HasSubstr(", then refused; mark in"),
          HasSubstr(
              "fix:   `gauntlet-migrate resume 1` goes on with statement 2\n         if the file "
              "is at fault, undo its statements by hand, then `gauntlet-migrate forget 1`")));
}

TEST_F(Outside, ResumesAfterTheStatementThatAPersonFinished) {
  write("1_two.up.sql",
        "-- gauntlet: no-transaction\nCREATE TABLE t(x int);\nSELECT 1/0;\nSELECT 1");
  EXPECT_THAT(failing_up(), HasSubstr("it stopped at statement 2 of 3"));
  resume(*sessions_of(conninfo()), listing(), Version{1}, 3, {});
  EXPECT_TRUE(up().empty());
  EXPECT_EQ(marks(), "null");
}

TEST_F(Outside, RunsFromItsStartAgainOnceForgotten) {
  write("1_two.up.sql", "-- gauntlet: no-transaction\nCREATE TABLE t(x int);\nSELECT 1/0");
  EXPECT_THAT(failing_up(), HasSubstr("it stopped at statement 2 of 2"));
  run("DROP TABLE t");
  write("1_two.up.sql", "-- gauntlet: no-transaction\nCREATE TABLE t(x int);\nSELECT 1/1");
  forget(*sessions_of(conninfo()), listing(), Version{1}, {});
  EXPECT_THAT(up(), ElementsAre(Version{1}));
  EXPECT_EQ(marks(), "null");
}

TEST_F(Outside, RemovesItsMarkWhenTheFirstStatementFailedWithoutATrace) {
  write("1_bad.up.sql", "-- gauntlet: no-transaction\nCREATE INDEX CONCURRENTLY i ON nowhere(x)");
  EXPECT_THAT(failing_up(), HasSubstr("nothing of it remains; correct the file"));
  EXPECT_EQ(marks(), "null");
}

TEST_F(Outside, NamesTheInvalidIndexThatAFailureLeft) {
  run("CREATE TABLE t(x int); INSERT INTO t VALUES (1), (1)");
  write("1_unique.up.sql",
        "-- gauntlet: no-transaction\nCREATE UNIQUE INDEX CONCURRENTLY \"I x\" ON t(x)");
  EXPECT_THAT(
      failing_up(),
      AllOf(HasSubstr("could not create unique index"), HasSubstr("it stopped at statement 1 of 1"),
            HasSubstr("index public.\"I x\" is INVALID: DROP INDEX CONCURRENTLY "
                      "public.\"I x\"")));
  EXPECT_THAT(failing_up(),
              AllOf(HasSubstr("error[in-progress]"), HasSubstr("index public.\"I x\" is INVALID")));
}

TEST_F(Outside, NeverRecordsSuccessOverAnInvalidIndex) {
  run("CREATE TABLE t(x int); INSERT INTO t VALUES (1), (1)");
  EXPECT_THROW(run("CREATE UNIQUE INDEX CONCURRENTLY i ON t(x)"), SqlError);
  write("1_again.up.sql",
        "-- gauntlet: no-transaction\nCREATE INDEX CONCURRENTLY IF NOT EXISTS i ON t(x)");
  EXPECT_THAT(failing_up(),
              AllOf(HasSubstr("error[invalid-index]: migration 1 (again) ran, but left an index "
                              "INVALID; it was not recorded"),
                    HasSubstr("DROP INDEX CONCURRENTLY public.i")));
  EXPECT_EQ(value("SELECT count(*) FROM applied_migrations"), "0");
}

TEST_F(Outside, IsNotHeldUpByAnInvalidIndexThatIsNoneOfItsOwn) {
  run("CREATE TABLE t(x int); INSERT INTO t VALUES (1), (1)");
  EXPECT_THROW(run("CREATE UNIQUE INDEX CONCURRENTLY other ON t(x)"), SqlError);
  write("1_mine.up.sql", "-- gauntlet: no-transaction\nCREATE INDEX CONCURRENTLY mine ON t(x)");
  EXPECT_THAT(up(), ElementsAre(Version{1}));
}

TEST_F(Outside, RunsAFilesOwnTransactionAsOneStep) {
  write("1_own.up.sql",
        "-- gauntlet: no-transaction\nCREATE TABLE t(x int);\nBEGIN;\nINSERT INTO t VALUES (1);\n"
        "SELECT 1/0;\nCOMMIT;");
  EXPECT_THAT(failing_up(),
              AllOf(HasSubstr("1_own.up.sql:5:1"), HasSubstr("stopped at statement 4 of 5")));
  EXPECT_EQ(value("SELECT count(*) FROM t"), "0");
  EXPECT_EQ(marks(), "1 at 2 of 5");
}

TEST_F(Outside, IsRecordedUnderItsNameWhateverEncodingTheFileSet) {
  write("1_größe.up.sql", "-- gauntlet: no-transaction\nSET client_encoding = 'LATIN1'");
  up();
  EXPECT_EQ(value("SELECT name FROM applied_migrations"), "größe");
  EXPECT_THAT(up(), IsEmpty());
}

TEST_F(Outside, RefusesAFileThatLeavesItsTransactionOpen) {
  write("1_open.up.sql", "-- gauntlet: no-transaction\nBEGIN;\nCREATE TABLE t(x int);");
  EXPECT_THAT(failing_up(),
              AllOf(HasSubstr("error[open-transaction]: migration 1 (open) left a transaction "
                              "open; it was rolled back"),
                    HasSubstr("nothing of it remains; end the file's transaction with COMMIT")));
  EXPECT_EQ(marks(), "null");
  EXPECT_EQ(value("SELECT to_regclass('t')"), "null");
}

TEST_F(Outside, RunsALoneStatementWithoutTheDirectiveInAutomaticMode) {
  write("1_table.up.sql", "CREATE TABLE t(x int)");
  write("2_index.up.sql", "CREATE INDEX CONCURRENTLY i ON t(x);");
  write("3_two.up.sql", "CREATE INDEX CONCURRENTLY j ON t(x); SELECT 1");
  RunOptions automatic;
  automatic.no_transaction = NoTransaction::automatic;
  EXPECT_THAT(failing_up(automatic), HasSubstr("error[needs-no-transaction]: migration 3 (two)"));
  std::filesystem::remove(folder_ / "3_two.up.sql");
  EXPECT_THAT(up(automatic), ElementsAre(Version{1}, Version{2}));
}

class WholeFile : public Outside {
 protected:
  WholeFile() { options_.no_transaction = NoTransaction::whole_file; }
  RunOptions options_;
};

TEST_F(WholeFile, SendsItsOwnTransactionsAsTheyStand) {
  write("1_own.up.sql",
        "BEGIN;\nCREATE TABLE t(x int);\nCOMMIT;\nBEGIN; INSERT INTO t VALUES (1); END;");
  write("2_index.up.sql", "CREATE INDEX CONCURRENTLY i ON t(x)");
  write("3_plain.up.sql", "INSERT INTO t VALUES (2)");
  EXPECT_EQ(up(options_).size(), 3U);
  EXPECT_EQ(value("SELECT count(*) FROM t"), "2");
}

// In a transaction of ours the procedure's COMMIT fails with 2D000, and the remedy is the
// directive.
TEST_F(WholeFile, LetsALoneCallCommit) {
  write("1_table.up.sql",
        "CREATE TABLE t(x int);\n"
        "CREATE PROCEDURE fill() LANGUAGE plpgsql AS $$ BEGIN\n"
        "  FOR i IN 1..3 LOOP INSERT INTO t VALUES (i); COMMIT; END LOOP; END $$;");
  write("2_fill.up.sql", "CALL fill();");
  EXPECT_THAT(failing_up(RunOptions{}),
              AllOf(HasSubstr("invalid transaction termination"), HasSubstr("2_fill.up.sql:1:1"),
                    HasSubstr("`-- gauntlet: no-transaction` on the file's first line")));
  EXPECT_THAT(up(options_), ElementsAre(Version{2}));
  EXPECT_EQ(value("SELECT count(*) FROM t"), "3");
}

TEST_F(WholeFile, RemovesItsMarkWhenNothingWasCommitted) {
  write("1_own.up.sql", "BEGIN;\nCREATE TABLE t(x int);\nSELECT 1/0;\nCOMMIT;");
  EXPECT_THAT(failing_up(options_),
              AllOf(HasSubstr("1_own.up.sql:3:1"), HasSubstr("nothing of it remains")));
  EXPECT_EQ(marks(), "null");
}

TEST_F(WholeFile, KeepsItsMarkWhenAPartWasCommitted) {
  write("1_own.up.sql", "BEGIN;\nCREATE TABLE t(x int);\nCOMMIT;\nSELECT 1/0;");
  EXPECT_THAT(failing_up(options_),
              AllOf(HasSubstr("1_own.up.sql:4:1"), Not(HasSubstr("nothing of it"))));
  EXPECT_EQ(marks(), "1 at 0 of 0");
}

TEST_F(WholeFile, RollsBackATransactionThatTheFileLeftOpen) {
  write("1_open.up.sql", "BEGIN;\nCREATE TABLE t(x int);");
  EXPECT_THAT(failing_up(options_), HasSubstr("error[open-transaction]"));
  EXPECT_EQ(value("SELECT to_regclass('t')"), "null");
}

}  // namespace
}  // namespace gauntlet::runner
