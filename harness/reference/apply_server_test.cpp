#include "harness/reference/server_fixture_test.h"
#include "runner/peak_memory_test.h"

#include <regex>

namespace gauntlet::runner {
namespace {

using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

class Up : public OnServer {
 protected:
  std::string applied() const {
    return value(
        "SELECT string_agg(version || ' ' || name, ', ' ORDER BY version) FROM applied_migrations");
  }
};

TEST_F(Up, AppliesInNumericOrderAndRecordsNameAndChecksum) {
  write("10_second.up.sql", "INSERT INTO t VALUES (1)");
  write("9_first.up.sql", "CREATE TABLE t(x int)");
  EXPECT_THAT(up(), ElementsAre(Version{9}, Version{10}));
  EXPECT_EQ(applied(), "9 first, 10 second");
  EXPECT_EQ(value("SELECT checksum FROM applied_migrations WHERE version = 9"),
            sha256("CREATE TABLE t(x int)"));
}

TEST_F(Up, AppliesNothingTheSecondTime) {
  write("1_a.up.sql", "CREATE TABLE t(x int)");
  up();
  EXPECT_THAT(up(), IsEmpty());
}

TEST_F(Up, RunsAMigrationThatAppearsInAGap) {
  write("1_a.up.sql", "CREATE TABLE t(x int)");
  write("3_c.up.sql", "");
  up();
  write("2_b.up.sql", "INSERT INTO t VALUES (2)");
  EXPECT_THAT(up(), ElementsAre(Version{2}));
}

TEST_F(Up, CreatesNothingInAnEmptyDatabaseWithoutMigrations) {
  EXPECT_THAT(up(), IsEmpty());
  EXPECT_EQ(value("SELECT to_regclass('applied_migrations')"), "null");
}

TEST_F(Up, NamesTheCharacterThatTheDatabaseCannotHold) {
  run("CREATE DATABASE latin ENCODING 'LATIN1' LC_COLLATE 'C' LC_CTYPE 'C' TEMPLATE template0");
  for (const std::string header : {"", "-- gauntlet: no-transaction\n"}) {
    SCOPED_TRACE(header);
    write("1_a.up.sql", header + "CREATE TABLE a(x text);\nINSERT INTO a VALUES ('ä €')");
    std::string said;
    try {
      runner::up(*sessions_of(conninfo() + " dbname=latin"), listing(), {});
    } catch (const Error& error) {
      said = error.what();
    }
    const std::string place = header.empty() ? "1_a.up.sql:2:26" : "1_a.up.sql:3:26";
    EXPECT_THAT(said, AllOf(HasSubstr("migration 1 (a) failed: character with byte sequence"),
                            HasSubstr(place)));
    if (header.empty()) {
      EXPECT_THAT(said, HasSubstr("write the character otherwise"));
    }
  }
}

// More than a reply of the runner's own queries may hold.
TEST_F(Up, KeepsNoRowsOfABody) {
  const std::string rows = "SELECT repeat('x', 1000) FROM generate_series(1, 600000)";
  write("1_in.up.sql", rows);
  write("2_out.up.sql", "-- gauntlet: no-transaction\n" + rows + ";\nVACUUM");
  write("3_copy.up.sql", "COPY (" + rows + ") TO STDOUT");
  const PeakMemory peak;
  EXPECT_THAT(up(), ElementsAre(Version{1}, Version{2}, Version{3}));
  EXPECT_LT(peak.grown_megabytes(), little_memory);
}

TEST_F(Up, TakesEveryShapeOfFile) {
  write("1_empty.up.sql", "");
  write("2_comment.up.sql", "-- nothing to do");
  write("3_no_newline.up.sql", "CREATE TABLE a(x int)");
  write("4_comment_at_end.up.sql", "CREATE TABLE b(x int); -- done");
  write("5_crlf.up.sql", "CREATE TABLE c(x int);\r\nINSERT INTO c VALUES (1);\r\n");
  write("6_bom.up.sql",
        "\xEF\xBB\xBF"
        "CREATE TABLE d(x text);");
  write("7_text.up.sql", "INSERT INTO d VALUES ('{{ x }} ${ y } $1 %s')");
  write("8_savepoint.up.sql", "SAVEPOINT s; INSERT INTO c VALUES (2); ROLLBACK TO s; RELEASE s");
  write("9_isolation.up.sql",
        "SET TRANSACTION ISOLATION LEVEL SERIALIZABLE; INSERT INTO c VALUES (3)");
  write("10_quote's name.up.sql", "SELECT 1;;");
  EXPECT_EQ(up().size(), 10U);
  EXPECT_EQ(value("SELECT string_agg(x::text, ',' ORDER BY x) FROM c"), "1,3");
  EXPECT_EQ(value("SELECT x FROM d"), "{{ x }} ${ y } $1 %s");
}

TEST_F(Up, KeepsTheBytesOfAByteOrderMarkInTheChecksum) {
  write("1_bom.up.sql",
        "\xEF\xBB\xBF"
        "SELECT 1");
  up();
  EXPECT_EQ(value("SELECT checksum FROM applied_migrations"), sha256("\xEF\xBB\xBF"
                                                                     "SELECT 1"));
}

TEST_F(Up, LetsNoSessionStateReachTheRecordOrTheNextMigration) {
  write("1_state.up.sql",
        "CREATE ROLE weak; SELECT set_config('search_path', '', false); SET statement_timeout = 77;"
        "SET standard_conforming_strings = off; SET client_encoding = 'LATIN1'; SET ROLE weak");
  write("2_other_user.up.sql",
        "CREATE TABLE t AS SELECT current_user AS role, current_setting('search_path')"
        " AS path, current_setting('statement_timeout') AS timeout;"
        "SET SESSION AUTHORIZATION weak");
  write("3_after.up.sql", "INSERT INTO t SELECT current_user, current_setting('search_path'), 'ö'");
  EXPECT_EQ(up().size(), 3U);
  EXPECT_EQ(value("SELECT role || path || timeout FROM t LIMIT 1"), "postgres\"$user\", public0");
  EXPECT_EQ(value("SELECT role || timeout FROM t WHERE timeout <> '0'"), "postgresö");
}

TEST_F(Up, RollsBackAFailingMigrationAndKeepsTheEarlierOnes) {
  write("1_good.up.sql", "CREATE TABLE t(x int)");
  write("2_bad.up.sql", "CREATE TABLE u(x int);\nSELECT 'öö', nope\n  FROM t;");
  write("3_later.up.sql", "CREATE TABLE v(x int)");
  EXPECT_THAT(
      failing_up(),
      AllOf(
          HasSubstr("error[migration-failed]: migration 2 (bad) failed: column \"nope\" does not"),
          HasSubstr("2_bad.up.sql:2:14 (SQLSTATE 42703)"),
          HasSubstr("fix:   nothing of it remains; correct the file")));
  EXPECT_EQ(applied(), "1 good");
  EXPECT_EQ(value("SELECT coalesce(to_regclass('u'), to_regclass('v'))"), "null");
}

TEST_F(Up, FindsTheStatementOfAnErrorThatHasNoPosition) {
  write("1_zero.up.sql", "CREATE TABLE t(x int);\nSELECT 1;\n  SELECT 1/0;\nSELECT 2");
  EXPECT_THAT(failing_up(), HasSubstr("1_zero.up.sql:3:3 (SQLSTATE 22012)"));
}

TEST_F(Up, TellsDetailHintAndContextOfAFailure) {
  write("1_raise.up.sql",
        "DO $$BEGIN RAISE EXCEPTION 'no' USING DETAIL = 'because', HINT = 'try'; END$$");
  EXPECT_THAT(failing_up(),
              HasSubstr("(SQLSTATE P0001)\n         detail: because\n         hint: try\n"
                        "         context: PL/pgSQL function inline_code_block"));
}

TEST_F(Up, TellsAFailureAtCommitAsSuch) {
  write("1_deferred.up.sql",
        "CREATE TABLE p(x int PRIMARY KEY);"
        "CREATE TABLE c(x int REFERENCES p DEFERRABLE INITIALLY DEFERRED);"
        "INSERT INTO c VALUES (1)");
  EXPECT_THAT(
      failing_up(),
      AllOf(HasSubstr("migration 1 (deferred) failed at COMMIT: insert or update on table \"c\""),
            HasSubstr("SET CONSTRAINTS ALL IMMEDIATE")));
  EXPECT_EQ(value("SELECT to_regclass('p')"), "null");
}

TEST_F(Up, SaysThatAFileEndsInsideAQuote) {
  for (const char* open : {"SELECT 'abc", "SELECT 1; /* abc", "SELECT $x$ abc", "SELECT \"abc",
                           "CREATE TABLE t(x int"}) {
    SCOPED_TRACE(open);
    write("1_open.up.sql", open);
    EXPECT_THAT(failing_up(), HasSubstr("error[migration-failed]: migration 1 (open) failed:"));
    EXPECT_EQ(value("SELECT count(*) FROM applied_migrations"), "0");
  }
}

TEST_F(Up, SaysThatTheRecordFailedWhenTheBodyDropsTheTracker) {
  write("1_drop.up.sql", "DROP TABLE applied_migrations");
  EXPECT_THAT(failing_up(),
              AllOf(HasSubstr("error[not-recorded]: migration 1 (drop) could not be recorded:"),
                    HasSubstr("nothing of it remains; see that the body leaves the tracker")));
  EXPECT_EQ(value("SELECT count(*) FROM applied_migrations"), "0");
}

TEST_F(Up, StopsWhenAnotherSessionHasTheLockThatTheBodyGaveAway) {
  write(
      "1_give_away.up.sql",
      "CREATE EXTENSION dblink; SELECT pg_advisory_unlock_all();"
      "SELECT dblink_connect('other', 'host=' || "
      "split_part(current_setting('unix_socket_directories'), ',', 1)"
      " || ' port=' || current_setting('port') || ' user=postgres dbname=' || current_database());"
      "SELECT * FROM dblink('other', 'SELECT pg_advisory_lock(77)::text') AS t(x text)");
  EXPECT_THAT(
      failing_up({.lock_key = 77}),
      AllOf(HasSubstr("error[lock-lost]: another session has the migration lock that migration 1"),
            HasSubstr("pg_advisory_unlock_all()")));
  EXPECT_EQ(value("SELECT count(*) FROM applied_migrations"), "0");
}

TEST_F(Up, RefusesTransactionControlBeforeAnythingRuns) {
  write("1_good.up.sql", "CREATE TABLE t(x int)");
  write("2_commit.up.sql", "CREATE TABLE u(x int);\nCOMMIT;");
  EXPECT_THAT(failing_up(),
              AllOf(HasSubstr("error[transaction-control]: migration 2 (commit) says COMMIT"),
                    HasSubstr("2_commit.up.sql:2:1"), HasSubstr("gauntlet: no-transaction")));
  EXPECT_EQ(value("SELECT to_regclass('t')"), "null");
}

TEST_F(Up, RefusesWhatCannotRunInATransactionAndNamesTheDirective) {
  write("1_index.up.sql", "CREATE TABLE t(x int);\nCREATE INDEX CONCURRENTLY i ON t(x)");
  EXPECT_THAT(failing_up(),
              AllOf(HasSubstr("error[needs-no-transaction]: migration 1 (index) says CREATE "
                              "INDEX CONCURRENTLY, which cannot run inside a transaction"),
                    HasSubstr("1_index.up.sql:2:1"),
                    HasSubstr("put `-- gauntlet: no-transaction` on the file's first line")));
}

TEST_F(Up, RefusesACopyFromStdin) {
  write("1_copy.up.sql", "CREATE TABLE t(x int);\nCOPY t FROM STDIN;");
  EXPECT_THAT(failing_up(), AllOf(HasSubstr("error[copy-from-stdin]: migration 1 (copy) says COPY"),
                                  HasSubstr("1_copy.up.sql:2:1"), HasSubstr("INSERT statements")));
}

TEST_F(Up, RefusesARenameWithBothNamesAndBothRemedies) {
  write("1_old.up.sql", "CREATE TABLE t(x int)");
  up();
  std::filesystem::rename(folder_ / "1_old.up.sql", folder_ / "1_new's.up.sql");
  EXPECT_THAT(
      failing_up(),
      AllOf(HasSubstr("error[renamed]: migration 1 is called \"new's\" on disk but was applied as "
                      "\"old\""),
            HasSubstr("rename the file back to 1_old.up.sql"),
            HasSubstr(
                "UPDATE \"public\".\"applied_migrations\" SET name = 'new''s' WHERE version = 1")));
}

TEST_F(Up, GoesOnAfterTheUpdateThatARenameWasToldToNeed) {
  write("1_old.up.sql", "CREATE TABLE t(x int)");
  up();
  std::filesystem::rename(folder_ / "1_old.up.sql", folder_ / "1_new's.up.sql");
  std::smatch found;
  const std::string said = failing_up();
  ASSERT_TRUE(std::regex_search(said, found, std::regex("UPDATE .* WHERE version = 1"))) << said;
  run(found[0]);
  EXPECT_THAT(up(), testing::IsEmpty());
}

// What the linked parser does not know costs its rules, and the server judges.
TEST_F(Up, TakesSyntaxThatIsNewerThanTheParser) {
  write("1_newer.up.sql",
        "CREATE TABLE t(x int, UNIQUE NULLS NOT DISTINCT (x));\nINSERT INTO t VALUES (1);\n"
        "MERGE INTO t USING (VALUES (1), (2)) AS v(x) ON v.x = t.x"
        " WHEN NOT MATCHED THEN INSERT VALUES (v.x)");
  if (value("SELECT current_setting('server_version_num')::int < 150000") == "t") {
    EXPECT_THAT(failing_up(), HasSubstr("SQLSTATE 42601"));
    return;
  }
  EXPECT_EQ(up().size(), 1U);
  EXPECT_EQ(value("SELECT string_agg(x::text, ',' ORDER BY x) FROM t"), "1,2");
}

TEST_F(Up, RecordsInTheColumnsThatItsTrackerHas) {
  write("1_a.up.sql", "SELECT 1");
  up();
  EXPECT_EQ(value("SELECT string_agg(column_name || ' ' || data_type || ' ' || is_nullable, ', '"
                  " ORDER BY ordinal_position) FROM information_schema.columns"
                  " WHERE table_name = 'applied_migrations'"),
            "version bigint NO, name text NO, applied_at timestamp with time zone NO,"
            " checksum text YES");
  EXPECT_EQ(value("SELECT applied_at BETWEEN now() - interval '1 minute' AND now()"
                  " FROM applied_migrations"),
            "t");
}

TEST_F(Up, RefusesAnEditOfAnAppliedFileUnlessToldNotToVerify) {
  write("1_a.up.sql", "CREATE TABLE t(x int)");
  up();
  write("1_a.up.sql", "CREATE TABLE t(x bigint)");
  EXPECT_THAT(failing_up(),
              AllOf(HasSubstr("error[edited-after-apply]: migration 1 (a) changed after"),
                    HasSubstr(sha256("CREATE TABLE t(x int)")),
                    HasSubstr(sha256("CREATE TABLE t(x bigint)")), HasSubstr("restore the file"),
                    HasSubstr("gauntlet-migrate accept 1")));
  EXPECT_THAT(up({.tracker = {.verify_checksums = false}}), IsEmpty());
}

TEST_F(Up, NamesEveryProblemAtOnce) {
  write("1_a.up.sql", "SELECT 1");
  write("2_b.up.sql", "SELECT 2");
  up();
  write("1_a.up.sql", "SELECT 3");
  write("2_b.up.sql", "SELECT 4");
  EXPECT_THAT(failing_up(), AllOf(HasSubstr("2 applied migrations do not match the files"),
                                  HasSubstr("migration 1 (a)"), HasSubstr("migration 2 (b)")));
}

TEST_F(Up, ReportsAnUnknownAppliedMigrationAndRefusesItOnlyWhenStrict) {
  write("1_a.up.sql", "SELECT 1");
  const auto other = write("2_b.up.sql", "SELECT 2");
  up();
  std::filesystem::remove(other);
  std::string warned;
  up({}, [&](const Event& event) {
    if (const auto* warning = std::get_if<Warned>(&event)) warned = warning->text;
  });
  EXPECT_EQ(warned, "migration 2 (b) is applied but not on disk");
  EXPECT_THAT(failing_up({.strict = true}),
              HasSubstr("error[unknown-applied]: migration 2 (b) is applied"));
}

TEST_F(Up, CutsAStatementOffAtItsTimeout) {
  write("1_slow.up.sql", "CREATE TABLE t(x int);\nSELECT pg_sleep(60)");
  EXPECT_THAT(failing_up({.statement_timeout = std::chrono::milliseconds(50)}),
              AllOf(HasSubstr("canceling statement due to statement timeout"),
                    HasSubstr("1_slow.up.sql:2:1 (SQLSTATE 57014)")));
}

TEST_F(Up, KeepsTheTimeoutThatABodyReset) {
  write("1_reset.up.sql", "SET statement_timeout = 0; SET client_connection_check_interval = 0");
  write("2_slow.up.sql", "SELECT pg_sleep(60)");
  EXPECT_THAT(failing_up({.statement_timeout = std::chrono::milliseconds(50)}),
              HasSubstr("2_slow.up.sql:1:1"));
}

TEST_F(Up, ReadsUnderTheLockWhateverIsolationIsTheDefault) {
  run("ALTER ROLE postgres SET default_transaction_isolation = 'serializable'");
  write("1_a.up.sql", "CREATE TABLE t(x int)");
  EXPECT_EQ(up().size(), 1U);
}

TEST_F(Up, TellsItsProgressInOrder) {
  write("1_a.up.sql", "SELECT 1");
  std::vector<std::size_t> kinds;
  up({}, [&](const Event& event) { kinds.push_back(event.index()); });
  EXPECT_THAT(kinds, ElementsAre(0, 2, 3, 7));
}

TEST_F(Up, SaysThatAReadOnlyDatabaseCannotBeMigrated) {
  run("ALTER DATABASE postgres SET default_transaction_read_only = on");
  write("1_a.up.sql", "CREATE TABLE t(x int)");
  EXPECT_THAT(
      failing_up(),
      AllOf(HasSubstr(
                "error[cannot-prepare-tracker]: the tracker public.applied_migrations could not"),
            HasSubstr("cannot execute CREATE TABLE in a read-only transaction"),
            HasSubstr("fix:   point --database at the primary")));
}

}  // namespace
}  // namespace gauntlet::runner
