// `up` and `down` on SQLite: what BEGIN IMMEDIATE and the tracker promise there.
#include "runner/add_column.h"
#include "runner/connect.h"
#include "runner/peak_memory_test.h"
#include "runner/sqlite_fixture_test.h"

namespace gauntlet::runner {
namespace {

using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

using UpOnSqlite = OnFile;

TEST_F(UpOnSqlite, MakesTheFileAndAppliesInNumericOrder) {
  write("10_c.up.sql", "INSERT INTO t VALUES (10)");
  write("9_b.up.sql", "CREATE TABLE t(x);");
  EXPECT_THAT(up(), ElementsAre(Version{9}, Version{10}));
  EXPECT_EQ(value("SELECT group_concat(version || name) FROM applied_migrations"), "9b,10c");
  EXPECT_EQ(value("SELECT applied_at GLOB '2*T*:*.*Z' FROM applied_migrations"), "1");
  EXPECT_EQ(value("SELECT length(checksum) FROM applied_migrations"), "64");
}

TEST_F(UpOnSqlite, DoesNothingTheSecondTime) {
  write("1_a.up.sql", "CREATE TABLE t(x)");
  up();
  const auto before = files();
  EXPECT_THAT(up(), IsEmpty());
  EXPECT_EQ(files(), before);
}

TEST_F(UpOnSqlite, RunsWhatAppearsInAGap) {
  write("3_c.up.sql", "CREATE TABLE c(x)");
  up();
  write("2_b.up.sql", "CREATE TABLE b(x)");
  EXPECT_THAT(up(), ElementsAre(Version{2}));
}

TEST_F(UpOnSqlite, LeavesNothingOfAFailingMigrationAndKeepsTheEarlierOnes) {
  write("1_a.up.sql", "CREATE TABLE a(x)");
  write("2_b.up.sql",
        "CREATE TABLE b(x);\nINSERT INTO b VALUES (1);\n\n  INSERT INTO missing VALUES (1)");
  write("3_c.up.sql", "CREATE TABLE c(x)");
  EXPECT_THAT(
      failing_up(),
      AllOf(HasSubstr("error[migration-failed]: migration 2 (b) failed: no such table: missing"),
            HasSubstr("2_b.up.sql:4:3 (SQLITE_ERROR)"), HasSubstr("nothing of it remains")));
  EXPECT_EQ(value("SELECT group_concat(name) FROM sqlite_schema WHERE name IN ('a', 'b', 'c')"),
            "a");
  EXPECT_EQ(value("SELECT group_concat(version) FROM applied_migrations"), "1");
}

TEST_F(UpOnSqlite, KeepsNoRowsOfABody) {
  const std::string rows =
      "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 300000) "
      "SELECT hex(zeroblob(500)) FROM n";
  write("1_in.up.sql", rows);
  write("2_out.up.sql", "-- gauntlet: no-transaction\n" + rows + ";\nVACUUM");
  const PeakMemory peak;
  EXPECT_THAT(up(), ElementsAre(Version{1}, Version{2}));
  EXPECT_LT(peak.grown_megabytes(), little_memory);
}

TEST_F(UpOnSqlite, NamesLineAndColumnOfASyntaxErrorInCharacters) {
  write("1_a.up.sql", "CREATE TABLE t(x);\nINSERT INTO t VALUES ('ä'), ];");
  EXPECT_THAT(failing_up(),
              AllOf(HasSubstr("unrecognized token: \"]\""), HasSubstr("1_a.up.sql:2:29")));
}

TEST_F(UpOnSqlite, TellsAFileThatEndsTooEarly) {
  write("1_a.up.sql", "CREATE TABLE t(x");
  EXPECT_THAT(failing_up(), AllOf(HasSubstr("migration 1 (a) failed: incomplete input"),
                                  HasSubstr("1_a.up.sql:1:")));
}

TEST_F(UpOnSqlite, TakesEmptyFilesCommentsAndAMarkOfByteOrder) {
  write("1_a.up.sql", "");
  write("2_b.up.sql", "-- nothing\n/* at all");
  write("3_c.up.sql",
        "\xEF\xBB\xBF"
        "CREATE TABLE t(x);\r\n-- end");
  EXPECT_EQ(up().size(), 3U);
  EXPECT_EQ(value("SELECT count(*) FROM t"), "0");
}

TEST_F(UpOnSqlite, KeepsATriggersBodyInOnePiece) {
  write("1_a.up.sql",
        "CREATE TABLE t(x); CREATE TABLE log(x);\n"
        "CREATE TRIGGER copies AFTER INSERT ON t BEGIN\n"
        "  INSERT INTO log VALUES (new.x); INSERT INTO log VALUES (CASE WHEN 1 THEN 2 END);\nEND;\n"
        "INSERT INTO t VALUES (1);");
  up();
  EXPECT_EQ(value("SELECT group_concat(x) FROM log"), "1,2");
}

TEST_F(UpOnSqlite, RefusesAMigrationThatEndsItsTransaction) {
  write("1_a.up.sql", "CREATE TABLE t(x);\nCOMMIT;");
  EXPECT_THAT(failing_up(),
              AllOf(HasSubstr("error[transaction-control]: migration 1 (a) says COMMIT"),
                    HasSubstr("1_a.up.sql:2:1"), HasSubstr("-- gauntlet: no-transaction")));
}

TEST_F(UpOnSqlite, LetsAMigrationUseSavepoints) {
  write("1_a.up.sql",
        "CREATE TABLE t(x); SAVEPOINT s; INSERT INTO t VALUES (1); ROLLBACK TO s; RELEASE s");
  up();
  EXPECT_EQ(value("SELECT count(*) FROM t"), "0");
}

TEST_F(UpOnSqlite, AdoptsADatabaseThatPredatesTheTracker) {
  run("CREATE TABLE accounts(id); INSERT INTO accounts VALUES (1)");
  write("1_baseline.up.sql",
        "CREATE TABLE IF NOT EXISTS accounts(id); CREATE TABLE IF NOT EXISTS orders(id);");
  EXPECT_EQ(up().size(), 1U);
  EXPECT_EQ(value("SELECT count(*) FROM accounts"), "1");
}

TEST_F(UpOnSqlite, EnforcesForeignKeys) {
  write("1_a.up.sql",
        "CREATE TABLE customers(id integer PRIMARY KEY);\n"
        "CREATE TABLE orders(id integer PRIMARY KEY, customer integer REFERENCES customers(id));");
  write("2_b.up.sql", "INSERT INTO orders VALUES (1, 7)");
  EXPECT_THAT(failing_up(),
              AllOf(HasSubstr("migration 2 (b) failed: FOREIGN KEY constraint failed"),
                    HasSubstr("2_b.up.sql:1:1 (SQLITE_CONSTRAINT_FOREIGNKEY)")));
  EXPECT_EQ(value("SELECT count(*) FROM orders"), "0");
}

TEST_F(UpOnSqlite, TellsADeferredForeignKeyAsAFailureAtCommit) {
  write("1_a.up.sql",
        "CREATE TABLE customers(id integer PRIMARY KEY);\n"
        "CREATE TABLE orders(customer REFERENCES customers(id) DEFERRABLE INITIALLY DEFERRED);\n"
        "INSERT INTO orders VALUES (7)");
  EXPECT_THAT(failing_up(),
              AllOf(HasSubstr("migration 1 (a) failed at COMMIT: FOREIGN KEY constraint failed"),
                    HasSubstr("PRAGMA foreign_key_check")));
  EXPECT_EQ(value("SELECT count(*) FROM sqlite_schema WHERE name = 'orders'"), "0");
}

TEST_F(UpOnSqlite, UndoesWhatABodySetsForTheNextOne) {
  write("1_a.up.sql", "CREATE TABLE t(x CHECK (x > 0)); PRAGMA ignore_check_constraints = ON");
  write("2_b.up.sql", "INSERT INTO t VALUES (0)");
  EXPECT_THAT(failing_up(), HasSubstr("migration 2 (b) failed: CHECK constraint failed"));
  write("2_b.up.sql", "PRAGMA query_only = ON");
  EXPECT_EQ(up().size(), 1U);
}

TEST_F(UpOnSqlite, DropsAColumn) {
  write("1_a.up.sql", "CREATE TABLE t(x, y); INSERT INTO t VALUES (1, 2)");
  write("2_b.up.sql", "ALTER TABLE t DROP COLUMN y");
  up();
  EXPECT_EQ(value("SELECT group_concat(name) FROM pragma_table_info('t')"), "x");
}

TEST_F(UpOnSqlite, WorksOnAWriteAheadLog) {
  run("PRAGMA journal_mode = WAL");
  write("1_a.up.sql", "CREATE TABLE t(x)");
  EXPECT_EQ(up().size(), 1U);
  EXPECT_THAT(up(), IsEmpty());
  EXPECT_EQ(value("PRAGMA journal_mode"), "wal");
}

TEST_F(UpOnSqlite, RefusesRenamedAndEditedFilesWithTheRemedy) {
  write("1_a.up.sql", "CREATE TABLE t(x)");
  up();
  std::filesystem::rename(folder_ / "migrations/1_a.up.sql", folder_ / "migrations/1_b.up.sql");
  EXPECT_THAT(
      failing_up(),
      AllOf(
          HasSubstr("error[renamed]: migration 1 is called \"b\" on disk but was applied as \"a\""),
          HasSubstr("UPDATE \"main\".\"applied_migrations\" SET name = 'b' WHERE version = 1")));
  std::filesystem::remove(folder_ / "migrations/1_b.up.sql");
  write("1_a.up.sql", "CREATE TABLE t(y)");
  EXPECT_THAT(failing_up(), AllOf(HasSubstr("error[edited-after-apply]"),
                                  HasSubstr("gauntlet-migrate accept 1")));
}

TEST_F(UpOnSqlite, KeepsItsTrackerUnderAnyName) {
  write("1_a.up.sql", "CREATE TABLE t(x)");
  RunOptions options;
  options.tracker.table = "main.my 'own\"";
  EXPECT_EQ(up(options).size(), 1U);
  EXPECT_EQ(value("SELECT count(*) FROM \"my 'own\"\"\""), "1");
  EXPECT_EQ(value("SELECT count(*) FROM \"my 'own\"\"_in_progress\""), "0");
}

TEST_F(UpOnSqlite, RefusesASchemaThatAFileHasNot) {
  RunOptions options;
  options.tracker.table = "app.applied";
  EXPECT_THAT(failing_up(options),
              AllOf(HasSubstr("error[bad-table-name]: there is no schema \"app\""),
                    HasSubstr("give the table's name alone")));
}

TEST_F(UpOnSqlite, RefusesATrackerOfForeignColumns) {
  run("CREATE TABLE applied_migrations(id)");
  write("1_a.up.sql", "SELECT 1");
  EXPECT_THAT(
      failing_up(),
      AllOf(HasSubstr("error[foreign-tracker]: table \"main\".\"applied_migrations\" is not"),
            HasSubstr("no such column: version"), HasSubstr("--table")));
}

TEST_F(UpOnSqlite, TakesOverFromAPredecessorThatIsClean) {
  run("CREATE TABLE schema_migrations(version uint64, dirty bool);"
      "CREATE UNIQUE INDEX version_unique ON schema_migrations(version);"
      "INSERT INTO schema_migrations VALUES (2, false)");
  for (const char* name : {"1_a.up.sql", "2_b.up.sql", "3_c.up.sql"}) write(name, "SELECT 1");
  EXPECT_THAT(up(), ElementsAre(Version{3}));
  EXPECT_EQ(value("SELECT group_concat(version || coalesce(checksum, '-')) FROM applied_migrations"
                  " WHERE version < 3"),
            "1-,2-");
  run("UPDATE schema_migrations SET dirty = true; DELETE FROM applied_migrations");
  EXPECT_THAT(failing_up(),
              AllOf(HasSubstr("error[legacy-dirty]"), HasSubstr("migrate force VERSION")));
}

TEST_F(UpOnSqlite, RefusesADirectoryThatIsMissingAndAFolderInTheFilesPlace) {
  EXPECT_THAT(
      failure_of([&] { connect_sqlite("sqlite:" + (folder_ / "none/app.db").string()); }),
      AllOf(HasSubstr("error[connect-failed]: the file cannot be opened: there is no folder"),
            HasSubstr("none")));
  EXPECT_THAT(failure_of([&] { connect_sqlite("sqlite:" + folder_.string()); }),
              HasSubstr("the file cannot be opened: it is a folder"));
}

TEST_F(UpOnSqlite, RefusesWhatIsNoDatabase) {
  std::ofstream(file()) << std::string(2000, 'x');
  write("1_a.up.sql", "SELECT 1");
  EXPECT_THAT(failing_up(), AllOf(HasSubstr("file is not a database (SQLITE_NOTADB)"),
                                  HasSubstr(file().string()), HasSubstr("check --database")));
  EXPECT_THAT(failure_of([] { connect_sqlite("sqlite:"); }), HasSubstr("write sqlite:PATH"));
}

TEST_F(UpOnSqlite, RefusesAMissingFileWhereItIsToldTo) {
  EXPECT_THAT(
      failure_of([&] { connect(url(), {.missing_file = ConnectOptions::MissingFile::refuse}); }),
      AllOf(HasSubstr("error[no-such-database]: there is no such file"), HasSubstr(file().string()),
            HasSubstr("`gauntlet-migrate up` creates it")));
  EXPECT_THAT(files(), IsEmpty());
}

TEST_F(UpOnSqlite, LeavesABusyDatabaseAtItsTimeoutAndNamesTheFile) {
  write("1_a.up.sql", "CREATE TABLE t(x)");
  const auto writer = open();
  writer->send("BEGIN IMMEDIATE");
  RunOptions options;
  options.lock_wait_max = std::chrono::milliseconds(100);
  EXPECT_THAT(failing_up(options),
              AllOf(HasSubstr("error[lock-timeout]: another runner held the migration lock for"),
                    HasSubstr("held by process " + std::to_string(getpid())),
                    HasSubstr(", which has the lock on " + file().string()), HasSubstr("--wait")));
  writer->send("COMMIT");
  EXPECT_EQ(up().size(), 1U);
}

TEST_F(UpOnSqlite, LeavesAReaderThatIsInTheWayOfItsCommitAtTheTimeout) {
  write("1_a.up.sql", "CREATE TABLE t(x)");
  up();
  write("2_b.up.sql", "CREATE TABLE b(x)");
  const auto reader = open();
  reader->send("BEGIN; SELECT * FROM applied_migrations");
  RunOptions options;
  options.lock_wait_max = std::chrono::milliseconds(100);
  EXPECT_THAT(failing_up(options),
              AllOf(HasSubstr("migration 2 (b) failed at COMMIT: database is locked: another"),
                    HasSubstr("nothing of it remains; end the process that holds its lock")));
  reader->send("COMMIT");
  EXPECT_EQ(up().size(), 1U);
}

TEST_F(UpOnSqlite, EndsAStatementThatRunsTooLong) {
  write("1_a.up.sql",
        "CREATE TABLE t(x);\n"
        "WITH RECURSIVE c(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM c) SELECT count(*) FROM c");
  RunOptions options;
  options.statement_timeout = std::chrono::milliseconds(50);
  EXPECT_THAT(
      failing_up(options),
      AllOf(HasSubstr("migration 1 (a) failed: the statement ran longer than it may"),
            HasSubstr("1_a.up.sql:2:1 (SQLITE_INTERRUPT)"), HasSubstr("--statement-timeout")));
  EXPECT_EQ(value("SELECT count(*) FROM sqlite_schema WHERE name = 't'"), "0");
}

TEST_F(UpOnSqlite, RefusesANulByteAndTextThatIsNoUtf8) {
  write("1_a.up.sql", std::string("SELECT 1;\0SELECT 2", 18));
  EXPECT_THAT(failing_up(), HasSubstr("NUL"));
  EXPECT_THAT(failure_of([&] { open()->send(std::string("SELECT 1\0", 9)); }),
              HasSubstr("error[nul-byte]"));
}

TEST_F(UpOnSqlite, RollsBackDescendingWithTheRows) {
  write("1_a.up.sql", "CREATE TABLE a(x)");
  write("1_a.down.sql", "DROP TABLE a");
  write("2_b.up.sql", "CREATE TABLE b(x)");
  write("2_b.down.sql", "DROP TABLE b");
  up();
  const auto sessions = sessions_of(url());
  EXPECT_THAT(down(*sessions, listing(), {.kind = DownAmount::Kind::steps, .value = 1}, {}),
              ElementsAre(Version{2}));
  write("1_a.down.sql", "DROP TABLE a; DROP TABLE b");
  EXPECT_THAT(failure_of([&] { down(*sessions, listing(), {.kind = DownAmount::Kind::all}, {}); }),
              HasSubstr("down migration 1 (a) failed: no such table: b"));
  EXPECT_EQ(value("SELECT count(*) FROM a"), "0");
  EXPECT_EQ(value("SELECT group_concat(version) FROM applied_migrations"), "1");
}

using CodeOnSqlite = OnFile;

TEST_F(CodeOnSqlite, IsAppliedWithItsRowOrNotAtAll) {
  const auto code = [](const char* table) {
    return [table](Session& session) {
      session.send("CREATE TABLE made(x)");
      session.query("INSERT INTO made VALUES ($1)", {"it's"});
      session.send(std::string("SELECT * FROM ") + table);
    };
  };
  EXPECT_THAT(failure_of([&] {
                up(list_code({{Version{1}, "a", code("missing")}}));
              }),
              AllOf(HasSubstr("migration 1 (a) failed: no such table: missing"),
                    HasSubstr("code in the program")));
  EXPECT_EQ(value("SELECT count(*) FROM sqlite_schema WHERE name = 'made'"), "0");
  EXPECT_EQ(up(list_code({{Version{1}, "a", code("made")}})).size(), 1U);
  EXPECT_EQ(value("SELECT x FROM made"), "it's");
  EXPECT_EQ(value("SELECT checksum FROM applied_migrations"), "null");
}

TEST_F(CodeOnSqlite, AddsAColumnOnlyWhereItIsMissing) {
  write("1_a.up.sql", "CREATE TABLE \"t 1\"(x); INSERT INTO \"t 1\" VALUES (1)");
  up();
  const auto add = [](Session& session) {
    add_column_if_missing(session, "t 1", "Not\"ed", "text NOT NULL DEFAULT 'no'");
    add_column_if_missing(session, "main.t 1", "NOT\"ED", "text");
  };
  up(list_code({{Version{1}, "a", add}, {Version{2}, "b", add}}));
  EXPECT_EQ(value("SELECT \"Not\"\"ed\" FROM \"t 1\""), "no");
  EXPECT_THAT(failure_of([&] { add_column_if_missing(*open(), "missing", "x", "text"); }),
              HasSubstr("no such table: missing"));
}

TEST_F(CodeOnSqlite, RefusesTwoOfOneVersionAndCodeThatEndsItsTransaction) {
  const auto nothing = [](Session&) {};
  EXPECT_THAT(failure_of([&] {
                up(list_code({{Version{1}, "a", nothing}, {Version{1}, "b", nothing}}));
              }),
              HasSubstr("version 1 has 2 migrations: 1 (a)"));
  EXPECT_THAT(
      failure_of([&] {
        up(list_code({{Version{1}, "a", [](Session& s) { s.send("COMMIT"); }}}));
      }),
      HasSubstr("error[open-transaction]: migration 1 (a) ended the transaction that it ran in"));
}

TEST_F(CodeOnSqlite, RunsAHookThatWritesBeforeItsMigration) {
  write("1_a.up.sql", "CREATE TABLE t AS SELECT count(*) AS hooked FROM hook");
  RunOptions options;
  options.hooks[Version{1}] = [](Session& session) {
    session.send("CREATE TABLE IF NOT EXISTS hook(x); INSERT INTO hook VALUES (1)");
  };
  up(options);
  up(options);
  EXPECT_EQ(value("SELECT hooked FROM t"), "1");
  EXPECT_EQ(value("SELECT count(*) FROM hook"), "1");
  EXPECT_THAT(files(), Not(testing::Contains(testing::Key("app.db-migrating"))));
}

}  // namespace
}  // namespace gauntlet::runner
