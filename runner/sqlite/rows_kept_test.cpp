// On SQLite a migration loses no row in silence, leaves nothing broken, and keeps its connection's
// settings to itself.
#include "runner/sqlite_fixture_test.h"

#include <ctime>

#include <fmt/format.h>

namespace gauntlet::runner {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

class RowsOnSqlite : public OnFile {
 protected:
  // Chats with messages that refer to them, in the way that `key` says.
  void chats(const std::string& key, const std::string& options = "") const {
    write("1_a.up.sql",
          "CREATE TABLE chats(id integer PRIMARY KEY, mode text);"
          "CREATE TABLE messages(id integer PRIMARY KEY, chat " +
              key + ")" + options +
              ";INSERT INTO chats VALUES (1, 'a'), (2, 'b');"
              "INSERT INTO messages VALUES (1, 1), (2, 1)");
    ASSERT_EQ(up().size(), 1U);
  }
  std::string kept() const { return value("SELECT count(chat) FROM messages"); }

  static constexpr const char* rebuild_chats =
      "CREATE TABLE new_chats(id integer PRIMARY KEY, mode text NOT NULL);\n"
      "INSERT INTO new_chats SELECT id, mode FROM chats;\n"
      "DROP TABLE chats;\n"
      "ALTER TABLE new_chats RENAME TO chats;\n";
};

class EachAction : public RowsOnSqlite, public testing::WithParamInterface<const char*> {};

TEST_P(EachAction, OfDropTableIsRefusedAndRolledBack) {
  chats(fmt::format("integer DEFAULT NULL REFERENCES chats(id) ON DELETE {}", GetParam()));
  write("2_b.up.sql", rebuild_chats);
  EXPECT_THAT(failing_up(),
              AllOf(HasSubstr("migration 2 (b) failed: DROP TABLE would delete or empty 2 rows of "
                              "messages through foreign keys"),
                    HasSubstr("2_b.up.sql:3:1"), HasSubstr("-- gauntlet: rebuild")));
  EXPECT_EQ(kept(), "2");
  EXPECT_EQ(value("SELECT count(*) FROM sqlite_schema WHERE name = 'new_chats'"), "0");
}

TEST_P(EachAction, OfDropTableIsRefusedWhereItIsDeferred) {
  chats(fmt::format("integer DEFAULT NULL REFERENCES chats(id) ON DELETE {}", GetParam()));
  write("2_b.up.sql", std::string("PRAGMA defer_foreign_keys = ON;\n") + rebuild_chats);
  EXPECT_THAT(failing_up(), HasSubstr("2 rows of messages"));
  EXPECT_EQ(kept(), "2");
}

TEST_P(EachAction, OfDropTableIsRefusedOutsideATransaction) {
  chats(fmt::format("integer DEFAULT NULL REFERENCES chats(id) ON DELETE {}", GetParam()));
  write("2_b.up.sql", "-- gauntlet: no-transaction\nDROP TABLE chats");
  EXPECT_THAT(failing_up(), AllOf(HasSubstr("2 rows of messages"), HasSubstr("nothing of it")));
  EXPECT_EQ(kept(), "2");
  EXPECT_EQ(value("SELECT count(*) FROM chats"), "2");
}

TEST_P(EachAction, OnATableWithoutRowIdsIsSeen) {
  chats(fmt::format("integer DEFAULT NULL REFERENCES chats(id) ON DELETE {}", GetParam()),
        " WITHOUT ROWID");
  write("2_b.up.sql", rebuild_chats);
  EXPECT_THAT(failing_up(), HasSubstr("2 rows of other tables"));
  EXPECT_EQ(kept(), "2");
}

TEST_P(EachAction, IsOffInAFileThatRebuilds) {
  chats(fmt::format("integer DEFAULT NULL REFERENCES chats(id) ON DELETE {}", GetParam()));
  write("2_b.up.sql", std::string("-- gauntlet: rebuild\n") + rebuild_chats);
  EXPECT_EQ(up().size(), 1U);
  EXPECT_EQ(kept(), "2");
  // The next file has them on again, and they refer to the new table.
  write("3_c.up.sql", "DELETE FROM chats WHERE id = 1");
  EXPECT_EQ(up().size(), 1U);
  EXPECT_EQ(value("SELECT count(*) FROM messages WHERE chat = 1"), "0");
}

TEST_P(EachAction, OfReplaceIsRefused) {
  chats(fmt::format("integer DEFAULT NULL REFERENCES chats(id) ON DELETE {}", GetParam()));
  for (const char* replace :
       {"REPLACE INTO chats VALUES (1, 'c')", "INSERT OR REPLACE INTO main.chats VALUES (1, 'c')",
        "WITH v AS (SELECT 1 AS id) REPLACE INTO chats SELECT id, 'c' FROM v",
        "UPDATE OR REPLACE chats SET id = 1 WHERE id = 2"}) {
    SCOPED_TRACE(replace);
    const bool moves = std::string_view(replace).starts_with("UPDATE");
    if (moves && std::string_view(GetParam()) != "CASCADE") continue;
    write("2_b.up.sql", replace);
    EXPECT_THAT(failing_up(), AllOf(HasSubstr("REPLACE would delete or empty 2 rows of messages"),
                                    HasSubstr("ON CONFLICT DO UPDATE")));
    EXPECT_EQ(kept(), "2");
  }
}

TEST_P(EachAction, OfATablesOwnReplaceIsRefused) {
  write("1_a.up.sql",
        fmt::format("CREATE TABLE p(id integer PRIMARY KEY, k text UNIQUE ON CONFLICT REPLACE);"
                    "CREATE TABLE c(p integer REFERENCES p(id) ON DELETE {});"
                    "INSERT INTO p VALUES (1, 'a'); INSERT INTO c VALUES (1)",
                    GetParam()));
  write("2_b.up.sql", "INSERT INTO p VALUES (2, 'a')");
  EXPECT_THAT(failing_up(), HasSubstr("REPLACE would delete or empty 1 rows of c"));
  EXPECT_EQ(value("SELECT count(*) FROM c WHERE p = 1"), "1");
  write("2_b.up.sql", "INSERT INTO p VALUES (2, 'b')");
  EXPECT_EQ(up().size(), 1U);
}

TEST_P(EachAction, IsNotTakenForALossWhereNoRowReplaces) {
  chats(fmt::format("integer DEFAULT NULL REFERENCES chats(id) ON DELETE {}", GetParam()));
  write("2_b.up.sql",
        "REPLACE INTO chats VALUES (3, 'c'); INSERT OR REPLACE INTO messages VALUES (2, 3);"
        "INSERT INTO chats VALUES (1, 'd') ON CONFLICT DO UPDATE SET mode = excluded.mode");
  EXPECT_EQ(up().size(), 1U);
  EXPECT_EQ(kept(), "2");
}

INSTANTIATE_TEST_SUITE_P(OnDelete, EachAction,
                         testing::Values("CASCADE", "SET NULL", "SET DEFAULT"),
                         [](const auto& test) {
                           std::string name = test.param;
                           std::erase(name, ' ');
                           return name;
                         });

TEST_F(RowsOnSqlite, AreDroppedWhereTheFileDeletesThemItself) {
  chats("integer REFERENCES chats(id) ON DELETE CASCADE");
  write("2_b.up.sql", "DELETE FROM chats; DROP TABLE chats; DROP TABLE messages");
  EXPECT_EQ(up().size(), 1U);
}

TEST_F(RowsOnSqlite, AreDroppedChildrenFirst) {
  chats("integer REFERENCES chats(id) ON DELETE CASCADE");
  write("2_b.up.sql", "DROP TABLE IF EXISTS \"messages\"; DROP TABLE main.[chats]");
  EXPECT_EQ(up().size(), 1U);
}

TEST_F(RowsOnSqlite, AreNotCountedForATableThatRefersToItself) {
  write("1_a.up.sql",
        "CREATE TABLE tree(id integer PRIMARY KEY, up REFERENCES tree(id) ON DELETE SET NULL);"
        "CREATE TABLE leaf(id integer PRIMARY KEY, t REFERENCES tree(id) ON DELETE CASCADE);"
        "INSERT INTO tree VALUES (1, NULL), (2, 1), (3, 1)");
  write("2_b.up.sql", "DROP TABLE tree");
  EXPECT_EQ(up().size(), 2U);
}

TEST_F(RowsOnSqlite, AreCountedInGrandchildrenOfAQuotedTable) {
  write("1_a.up.sql",
        "CREATE TABLE \"a \"\"b\"(id integer PRIMARY KEY);"
        "CREATE TABLE c(id integer PRIMARY KEY, a REFERENCES \"a \"\"b\" ON DELETE CASCADE);"
        "CREATE TABLE d(id integer PRIMARY KEY, c REFERENCES c ON DELETE CASCADE);"
        "INSERT INTO \"a \"\"b\" VALUES (1); INSERT INTO c VALUES (1, 1);"
        "INSERT INTO d VALUES (1, 1)");
  write("2_b.up.sql", "DROP /* x */ TABLE \"a \"\"b\"");
  EXPECT_THAT(failing_up(), HasSubstr("1 rows of c through"));
  EXPECT_EQ(value("SELECT count(*) FROM d"), "1");
}

TEST_F(RowsOnSqlite, OfADownAreKeptToo) {
  write("1_a.up.sql",
        "CREATE TABLE messages(id integer PRIMARY KEY, chat REFERENCES chats ON "
        "DELETE CASCADE)");
  write("2_b.up.sql",
        "CREATE TABLE chats(id integer PRIMARY KEY);"
        "INSERT INTO chats VALUES (1); INSERT INTO messages VALUES (1, 1)");
  write("2_b.down.sql", "DROP TABLE chats");
  up();
  EXPECT_THAT(failure_of([&] {
                down(*sessions_of(url()), listing(), {.kind = DownAmount::Kind::steps, .value = 1},
                     {});
              }),
              HasSubstr("1 rows of messages"));
  EXPECT_EQ(value("SELECT count(*) FROM messages"), "1");
}

TEST_F(RowsOnSqlite, AreNotTakenForLostWhereATriggerMovesThem) {
  write("1_a.up.sql",
        "CREATE TABLE chats(id integer PRIMARY KEY);"
        "CREATE TABLE messages(id integer PRIMARY KEY, chat REFERENCES chats ON DELETE CASCADE);"
        "CREATE TRIGGER hello AFTER INSERT ON chats BEGIN"
        "  INSERT INTO messages(chat) VALUES (new.id); END");
  write("2_b.up.sql", "INSERT OR REPLACE INTO chats VALUES (1)");
  EXPECT_EQ(up().size(), 2U);
  EXPECT_EQ(value("SELECT count(*) FROM messages"), "1");
}

TEST_F(RowsOnSqlite, MayNotDangleAfterARebuild) {
  chats("integer REFERENCES chats(id)");
  write("2_b.up.sql",
        std::string("-- gauntlet: rebuild\n") + rebuild_chats + "DELETE FROM chats WHERE id = 1");
  EXPECT_THAT(failing_up(), AllOf(HasSubstr("error[dangling-rows]: migration 2 (b) left"),
                                  HasSubstr("2 references from messages (chat) to chats"),
                                  HasSubstr("nothing of it remains")));
  EXPECT_EQ(value("SELECT count(*) FROM chats"), "2");
}

// Rows that dangled before are no fault of the file; another row that dangles in their place is.
TEST_F(RowsOnSqlite, ThatDangledBeforeAreNotCounted) {
  chats("integer REFERENCES chats(id)");
  run("PRAGMA foreign_keys = OFF; INSERT INTO messages VALUES (7, 70)");
  write("2_b.up.sql", std::string("-- gauntlet: rebuild\n") + rebuild_chats);
  EXPECT_EQ(up().size(), 1U);
  write("3_c.up.sql",
        "-- gauntlet: rebuild\nDELETE FROM messages WHERE id = 7;"
        "INSERT INTO messages VALUES (8, 80)");
  EXPECT_THAT(failing_up(), HasSubstr("1 references from messages (chat) to chats"));
}

TEST_F(RowsOnSqlite, ThatHoldTheTableAreToldOfTheRebuild) {
  chats("integer REFERENCES chats(id)");
  write("2_b.up.sql", rebuild_chats);
  EXPECT_THAT(failing_up(), AllOf(HasSubstr("FOREIGN KEY constraint failed"),
                                  HasSubstr("if the file rebuilds the table, put `-- gauntlet: "
                                            "rebuild` on its first line")));
}

TEST_F(RowsOnSqlite, AreRebuiltWithoutAPragma) {
  chats("integer REFERENCES chats(id)");
  write("2_b.up.sql", std::string("PRAGMA foreign_keys = OFF;\n") + rebuild_chats);
  EXPECT_THAT(failing_up(), HasSubstr("take it out: `-- gauntlet: rebuild` on the file"));
  write("2_b.up.sql",
        std::string("-- gauntlet: rebuild\nPRAGMA foreign_keys = OFF;\n") + rebuild_chats);
  EXPECT_THAT(failing_up(), HasSubstr("fix:   take it out: `-- gauntlet: rebuild`"));
}

TEST_F(RowsOnSqlite, AreNotRebuiltOutsideATransaction) {
  write("1_a.up.sql", "-- gauntlet: rebuild\n-- gauntlet: no-transaction\nCREATE TABLE t(x)");
  EXPECT_THAT(failing_up(),
              HasSubstr("error[contradicting-directives]: migration 1 (a) says both `rebuild` and "
                        "`no-transaction`"));
}

class SchemaOnSqlite : public OnFile {};

TEST_F(SchemaOnSqlite, MayNotLeaveATriggerThatNamesADroppedTable) {
  write("1_a.up.sql",
        "CREATE TABLE tasks(id integer PRIMARY KEY, state); CREATE TABLE events(task);"
        "CREATE TABLE other(x);"
        "CREATE TRIGGER kept AFTER UPDATE ON tasks BEGIN INSERT INTO other VALUES (1); END;"
        "CREATE TRIGGER done AFTER UPDATE OF state ON tasks"
        " BEGIN INSERT INTO events(task) VALUES (new.id); END");
  write("2_b.up.sql",
        "ALTER TABLE events RENAME TO events_old; CREATE TABLE events(task, at);"
        "INSERT INTO events(task) SELECT task FROM events_old; DROP TABLE events_old");
  EXPECT_THAT(failing_up(),
              AllOf(HasSubstr("error[broken-schema]: migration 2 (b) left something that no longer "
                              "compiles; it was rolled back"),
                    HasSubstr("trigger done: no such table: main.events_old"),
                    Not(HasSubstr("trigger kept"))));
  write("2_b.up.sql",
        "DROP TRIGGER done; CREATE TABLE new(task, at); INSERT INTO new(task) SELECT task FROM "
        "events;"
        "DROP TABLE events; ALTER TABLE new RENAME TO events;"
        "CREATE TRIGGER done AFTER UPDATE OF state ON tasks"
        " BEGIN INSERT INTO events(task) VALUES (new.id); END");
  EXPECT_EQ(up().size(), 1U);
}

TEST_F(SchemaOnSqlite, MayNotLeaveATriggerOrAViewOfALegacyRename) {
  write("1_a.up.sql",
        "CREATE TABLE t(x); CREATE TABLE log(x); CREATE VIEW v AS SELECT x FROM t;"
        "CREATE TRIGGER w INSTEAD OF DELETE ON v BEGIN INSERT INTO log VALUES (old.x); END");
  write("2_b.up.sql",
        "PRAGMA legacy_alter_table = ON; ALTER TABLE t RENAME TO u; ALTER TABLE log RENAME TO l");
  EXPECT_THAT(failing_up(), AllOf(HasSubstr("view v: no such table: main.t"),
                                  HasSubstr("trigger w: no such table: main.t")));
  write("2_b.up.sql", "ALTER TABLE t RENAME TO u; ALTER TABLE log RENAME TO l");
  EXPECT_EQ(up().size(), 1U);
}

TEST_F(SchemaOnSqlite, MayLeaveWhatWasBrokenBeforeAndWhatIsNew) {
  write("1_a.up.sql", "CREATE VIEW v AS SELECT x FROM missing");
  write("2_b.up.sql", "CREATE TABLE t(x); CREATE VIEW w AS SELECT x FROM later");
  write("3_c.up.sql", "CREATE VIEW of_t AS SELECT x FROM t");
  write("4_d.up.sql", "DROP VIEW of_t; DROP TABLE t");
  EXPECT_EQ(up().size(), 4U);
}

TEST_F(SchemaOnSqlite, MayNotLeaveAForeignKeyThatARenameMoved) {
  write("1_a.up.sql",
        "CREATE TABLE chats(id integer PRIMARY KEY);"
        "CREATE TABLE messages(chat REFERENCES chats)");
  write("2_b.up.sql",
        "-- gauntlet: rebuild\nALTER TABLE chats RENAME TO old;"
        "CREATE TABLE chats(id integer PRIMARY KEY); DROP TABLE old");
  EXPECT_THAT(failing_up(),
              HasSubstr("foreign key of messages (chat): it referred to chats, and refers to old, "
                        "which is gone"));
}

TEST_F(SchemaOnSqlite, IsCheckedOutsideATransactionBeforeItIsRecorded) {
  write("1_a.up.sql", "CREATE TABLE t(x); CREATE VIEW v AS SELECT x FROM t");
  write("2_b.up.sql", "-- gauntlet: no-transaction\nDROP TABLE t;\nVACUUM");
  EXPECT_THAT(failing_up(), AllOf(HasSubstr("error[broken-schema]: migration 2 (b) ran, but left"),
                                  HasSubstr("view v: no such table: main.t"),
                                  HasSubstr("`gauntlet-migrate resume 2 --from end` records it")));
}

class ConnectionOnSqlite : public OnFile {};

TEST_F(ConnectionOnSqlite, KeepsItsPragmasToTheFile) {
  write("1_a.up.sql",
        "PRAGMA case_sensitive_like = ON; PRAGMA reverse_unordered_selects = ON;"
        "PRAGMA recursive_triggers = ON; PRAGMA cache_size = 7; CREATE TABLE seen(what, value)");
  write("2_b.up.sql",
        "-- gauntlet: no-transaction\nPRAGMA journal_mode = OFF;\nPRAGMA synchronous = OFF");
  write("3_c.up.sql",
        "INSERT INTO seen VALUES ('like', 'A' LIKE 'a');"
        "INSERT INTO seen SELECT 'journal', journal_mode FROM pragma_journal_mode;"
        "INSERT INTO seen SELECT 'synchronous', synchronous FROM pragma_synchronous;"
        "INSERT INTO seen SELECT 'cache', cache_size <> 7 FROM pragma_cache_size;"
        "INSERT INTO seen SELECT 'reverse', reverse_unordered_selects FROM "
        "pragma_reverse_unordered_selects");
  EXPECT_EQ(up().size(), 3U);
  EXPECT_EQ(value("SELECT group_concat(what || '=' || value) FROM seen"),
            "like=1,journal=delete,synchronous=2,cache=1,reverse=0");
}

TEST_F(ConnectionOnSqlite, KeepsTheWriteAheadLog) {
  write("1_a.up.sql", "-- gauntlet: no-transaction\nPRAGMA journal_mode = WAL");
  write("2_b.up.sql", "CREATE TABLE t(x)");
  EXPECT_EQ(up().size(), 2U);
  EXPECT_EQ(value("PRAGMA journal_mode"), "wal");
}

TEST_F(ConnectionOnSqlite, KeepsItsTemporaryTablesToTheFile) {
  write("1_a.up.sql", "CREATE TABLE t(x); CREATE TEMP TABLE t(x); INSERT INTO t VALUES (1)");
  write("2_b.up.sql", "INSERT INTO t VALUES (2)");
  EXPECT_EQ(up().size(), 2U);
  EXPECT_EQ(value("SELECT group_concat(x) FROM t"), "2");
}

TEST_F(ConnectionOnSqlite, DetachesWhatTheFileAttached) {
  write("1_a.up.sql", "-- gauntlet: no-transaction\nATTACH '" + file().string() +
                          "-other' AS other;\nCREATE TABLE other.t(x)");
  write("2_b.up.sql", "CREATE TABLE u(x); INSERT INTO u SELECT count(*) FROM pragma_database_list");
  EXPECT_EQ(up().size(), 2U);
  EXPECT_EQ(value("SELECT x FROM u"), "1");
}

// The time grows with the text, not with its square: ten times the statements take about ten times
// as long (it was eighty times), measured in processor time, since the machine may be busy.
TEST_F(ConnectionOnSqlite, RunsManyStatementsInLinearTime) {
  const auto spent = [&](int version, int statements) {
    std::string sql = fmt::format("CREATE TABLE t{}(a, b);\n", version);
    for (int i = 0; i < statements; ++i) {
      sql += fmt::format("INSERT INTO t{} VALUES ({}, 'some text that takes room {}');\n", version,
                         i, i);
    }
    write(fmt::format("{}_a.up.sql", version), sql);
    const std::clock_t before = std::clock();
    EXPECT_EQ(up().size(), 1U);
    return static_cast<double>(std::clock() - before) / CLOCKS_PER_SEC;
  };
  const double few = spent(1, 4'000);
  const double many = spent(2, 40'000);
  EXPECT_LT(many, 30 * few);
}

}  // namespace
}  // namespace gauntlet::runner
