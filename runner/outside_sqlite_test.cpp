// Migrations outside a transaction on SQLite, and who keeps whom out of what.
#include "runner/connect.h"
#include "runner/repair.h"
#include "runner/sqlite/file_lock.h"
#include "runner/sqlite_fixture_test.h"

#include <thread>

namespace gauntlet::runner {
namespace {

using testing::AllOf;
using testing::Contains;
using testing::ContainsRegex;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Key;
using testing::Not;

class OutsideOnSqlite : public OnFile {
 protected:
  void resume(int version, std::optional<int> from = {}) const {
    runner::resume(*sessions_of(url()), listing(), Version{version}, from, {});
  }
  void forget(int version) const {
    runner::forget(*sessions_of(url()), listing(), Version{version}, {});
  }
  std::string marks() const {
    return value(
        "SELECT group_concat(version || ' at ' || statement_index || ' of ' || statements)"
        " FROM applied_migrations_in_progress");
  }
};

TEST_F(OutsideOnSqlite, RunsVacuumAndIsRecorded) {
  write("1_a.up.sql", "CREATE TABLE t(x)");
  write("2_b.up.sql", "-- gauntlet: no-transaction\nVACUUM;\nPRAGMA journal_mode = WAL;");
  EXPECT_EQ(up().size(), 2U);
  EXPECT_EQ(value("PRAGMA journal_mode"), "wal");
  EXPECT_EQ(marks(), "null");
  EXPECT_THAT(files(), Not(Contains(Key("app.db-migrating"))));
}

TEST_F(OutsideOnSqlite, IsRefusedWithoutItsDirective) {
  write("1_a.up.sql", "CREATE TABLE t(x);\nPRAGMA foreign_keys = OFF");
  EXPECT_THAT(failing_up(),
              AllOf(HasSubstr("error[needs-no-transaction]: migration 1 (a) says PRAGMA "
                              "foreign_keys, which cannot run inside a transaction"),
                    HasSubstr("1_a.up.sql:2:1"), HasSubstr("-- gauntlet: no-transaction")));
}

TEST_F(OutsideOnSqlite, RunsALoneStatementThatNeedsItWhenToldTo) {
  write("1_a.up.sql", "VACUUM");
  RunOptions options;
  options.no_transaction = NoTransaction::automatic;
  EXPECT_EQ(up(options).size(), 1U);
}

TEST_F(OutsideOnSqlite, RebuildsATableWithItsOwnTransactionAndWithoutForeignKeys) {
  write("1_a.up.sql",
        "CREATE TABLE customers(id integer PRIMARY KEY, name);"
        "CREATE TABLE orders(customer REFERENCES customers(id) ON DELETE CASCADE);"
        "INSERT INTO customers VALUES (1, 'a'); INSERT INTO orders VALUES (1)");
  write("2_b.up.sql",
        "-- gauntlet: no-transaction\nPRAGMA foreign_keys = OFF; BEGIN;\n"
        "CREATE TABLE new(id integer PRIMARY KEY, name text NOT NULL);\n"
        "INSERT INTO new SELECT * FROM customers; DROP TABLE customers;\n"
        "ALTER TABLE new RENAME TO customers; COMMIT;");
  write("3_c.up.sql", "INSERT INTO orders VALUES (7)");
  EXPECT_THAT(failing_up(), HasSubstr("migration 3 (c) failed: FOREIGN KEY constraint failed"));
  EXPECT_EQ(value("SELECT group_concat(customer) FROM orders"), "1");
  EXPECT_EQ(value("SELECT group_concat(version) FROM applied_migrations"), "1,2");
}

TEST_F(OutsideOnSqlite, IsNotRecordedOverRowsThatReferToNothing) {
  write("1_a.up.sql",
        "CREATE TABLE customers(id integer PRIMARY KEY); CREATE TABLE orders(customer REFERENCES "
        "customers(id)); INSERT INTO customers VALUES (1); INSERT INTO orders VALUES (1)");
  write("2_b.up.sql",
        "-- gauntlet: no-transaction\nPRAGMA foreign_keys = OFF;\nDELETE FROM customers;\n"
        "PRAGMA foreign_key_check;");
  EXPECT_THAT(failing_up(), AllOf(HasSubstr("error[dangling-rows]: migration 2 (b) ran, but left"),
                                  HasSubstr("1 references from orders (customer) to customers"),
                                  HasSubstr("`gauntlet-migrate resume 2 --from end` records it")));
  run("DELETE FROM orders");
  resume(2, 4);
  EXPECT_EQ(value("SELECT group_concat(version) FROM applied_migrations"), "1,2");
}

TEST_F(OutsideOnSqlite, LeavesNoMarkWhereItsFailureLeftNothing) {
  write("1_a.up.sql",
        "-- gauntlet: no-transaction\nPRAGMA foreign_keys = OFF;\nBEGIN;\nCREATE TABLE t(x);\n"
        "INSERT INTO missing VALUES (1);\nCOMMIT;");
  EXPECT_THAT(failing_up(),
              AllOf(HasSubstr("migration 1 (a) failed: no such table: missing"),
                    HasSubstr("1_a.up.sql:5:1"), HasSubstr("nothing of it remains; correct")));
  EXPECT_EQ(marks(), "null");
}

TEST_F(OutsideOnSqlite, KeepsItsMarkWhereAStatementTookEffect) {
  write("1_a.up.sql",
        "-- gauntlet: no-transaction\nCREATE TABLE t(x);\nINSERT INTO missing VALUES (1);\nVACUUM");
  EXPECT_THAT(failing_up(), HasSubstr("it stopped at statement 2 of 3"));
  EXPECT_EQ(marks(), "1 at 2 of 3");
  EXPECT_THAT(failing_up(),
              AllOf(HasSubstr("error[in-progress]: migration 1 (a) stopped at statement 2 of 3"),
                    ContainsRegex("1_a.up.sql:3:1, begun 2[^ ]+, then refused;"),
                    HasSubstr("`gauntlet-migrate resume 1` goes on with statement 2")));
  run("CREATE TABLE missing(x)");
  resume(1);
  EXPECT_EQ(value("SELECT count(*) FROM missing"), "1");
  EXPECT_EQ(value("SELECT group_concat(version) FROM applied_migrations"), "1");
  EXPECT_THAT(failure_of([&] { resume(1); }), HasSubstr("error[not-in-progress]"));
}

TEST_F(OutsideOnSqlite, SaysTheSettingsAgainWhenItGoesOn) {
  write("1_a.up.sql",
        "CREATE TABLE customers(id integer PRIMARY KEY);"
        "CREATE TABLE orders(customer REFERENCES customers(id) ON DELETE CASCADE);"
        "INSERT INTO customers VALUES (1); INSERT INTO orders VALUES (1)");
  write(
      "2_b.up.sql",
      "-- gauntlet: no-transaction\nPRAGMA foreign_keys = OFF;\nCREATE TABLE u(x);\n"
      "INSERT INTO missing VALUES (1);\nDELETE FROM customers;\nINSERT INTO customers VALUES (1)");
  EXPECT_THAT(failing_up(), HasSubstr("it stopped at statement 3 of 5"));
  resume(2, 4);
  EXPECT_EQ(value("SELECT count(*) FROM orders"), "1");
}

TEST_F(OutsideOnSqlite, RunsFromItsStartOnceForgotten) {
  write("1_a.up.sql",
        "-- gauntlet: no-transaction\nCREATE TABLE t(x);\nINSERT INTO missing VALUES (1)");
  failing_up();
  run("DROP TABLE t; CREATE TABLE missing(x)");
  forget(1);
  EXPECT_THAT(up(), ElementsAre(Version{1}));
}

// The two files are the same, so their checksums do not tell which of them stopped.
TEST_F(OutsideOnSqlite, IsResumedInTheDirectionInWhichItStopped) {
  const std::string same =
      "-- gauntlet: no-transaction\nCREATE TABLE IF NOT EXISTS t(x);\n"
      "INSERT INTO t SELECT count(*) FROM missing";
  write("1_a.up.sql", same);
  write("1_a.down.sql", same);
  failing_up();
  run("CREATE TABLE missing(x)");
  resume(1);
  EXPECT_THAT(up(), IsEmpty());
  run("DROP TABLE missing");
  const auto go_down = [&] {
    down(*sessions_of(url()), listing(), {.kind = DownAmount::Kind::steps, .value = 1}, {});
  };
  EXPECT_THAT(failure_of(go_down), HasSubstr("down migration 1 (a) failed: no such table"));
  EXPECT_THAT(failing_up(), HasSubstr("error[in-progress]: down migration 1 (a) stopped"));
  run("CREATE TABLE missing(x)");
  resume(1);
  EXPECT_EQ(value("SELECT count(*) FROM applied_migrations"), "0");
  EXPECT_EQ(value("SELECT count(*) FROM t"), "2");
}

TEST_F(OutsideOnSqlite, SendsAWholeFileAsItStands) {
  RunOptions options;
  options.no_transaction = NoTransaction::whole_file;
  write("1_a.up.sql", "BEGIN; CREATE TABLE t(x); COMMIT; VACUUM;");
  EXPECT_EQ(up(options).size(), 1U);
  write("2_b.up.sql", "BEGIN; CREATE TABLE u(x); INSERT INTO missing VALUES (1); COMMIT;");
  EXPECT_THAT(failing_up(options), HasSubstr("nothing of it remains"));
  write("2_b.up.sql", "VACUUM; CREATE TABLE u(x); INSERT INTO missing VALUES (1);");
  EXPECT_THAT(failing_up(options),
              AllOf(HasSubstr("part of it may have been committed"),
                    HasSubstr("`gauntlet-migrate resume 2 --from end` records it")));
  EXPECT_EQ(marks(), "2 at 0 of 0");
}

TEST_F(OutsideOnSqlite, IsNotRecordedWithATransactionLeftOpen) {
  write("1_a.up.sql", "-- gauntlet: no-transaction\nBEGIN; CREATE TABLE t(x);");
  EXPECT_THAT(failing_up(),
              HasSubstr("error[open-transaction]: migration 1 (a) left a transaction open"));
  EXPECT_EQ(value("SELECT count(*) FROM sqlite_schema WHERE name = 't'"), "0");
}

// A mark whose owner lives is waited for: here until the owner, another thread, has recorded it.
TEST_F(OutsideOnSqlite, IsWaitedForWhileItsOwnerLives) {
  write("1_a.up.sql", "CREATE TABLE t(x)");
  up();
  write("2_b.up.sql", "-- gauntlet: no-transaction\nINSERT INTO t VALUES (1)");
  FileLock beside(file().string() + "-migrating");
  auto owner = beside.try_hold();
  run("INSERT INTO applied_migrations_in_progress VALUES (2, 'b', 1, 1, '2026', 1, null)");
  RunOptions options;
  options.lock_wait_max = std::chrono::milliseconds(100);
  EXPECT_THAT(failing_up(options),
              HasSubstr("error[lock-timeout]: another runner held the migration lock"));
  std::thread finishing([&] {
    run("BEGIN IMMEDIATE; DELETE FROM applied_migrations_in_progress;"
        "INSERT INTO applied_migrations(version, name) VALUES (2, 'b'); COMMIT");
    owner.reset();
  });
  EXPECT_THAT(up(), IsEmpty());
  finishing.join();
}

TEST_F(OutsideOnSqlite, CannotBeResumedOrForgottenWhileItsOwnerLives) {
  write("1_a.up.sql",
        "-- gauntlet: no-transaction\nCREATE TABLE t(x);\nINSERT INTO missing VALUES (1)");
  failing_up();
  FileLock beside(file().string() + "-migrating");
  const auto owner = beside.try_hold();
  RunOptions options;
  options.lock_wait_max = std::chrono::milliseconds(50);
  EXPECT_THAT(
      failure_of([&] { runner::resume(*sessions_of(url()), listing(), Version{1}, {}, options); }),
      HasSubstr("error[lock-timeout]"));
  EXPECT_THAT(
      failure_of([&] { runner::forget(*sessions_of(url()), listing(), Version{1}, options); }),
      HasSubstr("error[lock-timeout]"));
  EXPECT_EQ(marks(), "1 at 2 of 2");
}

TEST_F(OutsideOnSqlite, AnEditIsAccepted) {
  write("1_a.up.sql", "CREATE TABLE t(x)");
  up();
  write("1_a.up.sql", "CREATE TABLE t(x) -- edited");
  accept(*sessions_of(url()), listing(), Version{1}, {});
  EXPECT_THAT(up(), IsEmpty());
}

using AFileLock = OnFile;

TEST_F(AFileLock, IsHeldByOneAtATimeAndLeavesNoFile) {
  FileLock one(file());
  FileLock other(file());
  auto held = one.try_hold();
  EXPECT_EQ(one.try_hold(), held);
  EXPECT_EQ(other.try_hold(), nullptr);
  held.reset();
  EXPECT_THAT(files(), IsEmpty());
  EXPECT_NE(other.try_hold(), nullptr);
}

TEST_F(AFileLock, SaysWhyItCannotBeTaken) {
  EXPECT_THAT(failure_of([&] { FileLock(folder_ / "none" / "x").try_hold(); }),
              AllOf(HasSubstr("error[cannot-lock]"), HasSubstr("No such file or directory")));
}

}  // namespace
}  // namespace gauntlet::runner
