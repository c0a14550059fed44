// Every way to look at a SQLite database leaves its folder as it was: names and bytes.
#include "runner/inspect.h"
#include "runner/read_only.h"
#include "runner/sqlite.h"
#include "runner/sqlite_fixture_test.h"

namespace gauntlet::runner {
namespace {

namespace fs = std::filesystem;
using testing::AllOf;
using testing::Contains;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Key;
using testing::Not;

class ReadOnlySqlite : public OnFile {
 protected:
  /// What `check` would say; fails where a file was changed by it.
  std::string seen() const {
    const auto before = files();
    std::string line = told();
    EXPECT_EQ(files(), before);
    return line;
  }
  std::string told() const {
    std::string line;
    read_only(url(), [&](Session& session) { line = inspect(session, listing(), {}).line(); });
    return line;
  }
  std::string failing() const {
    const auto before = files();
    std::string error = failure_of(
        [&] { read_only(url(), [](Session& session) { session.send("SELECT * FROM t"); }); });
    EXPECT_EQ(files(), before);
    return error;
  }

  void migrated(const std::string& first = "SELECT 1") const {
    run(first);
    write("1_a.up.sql", "CREATE TABLE t(x)");
    up();
  }

  /// What a crash of all its users leaves: the files as they stand now, in a folder of their own.
  void crash() {
    fs::copy(folder_ / data_, folder_ / "crashed");
    data_ = "crashed";
  }
};

TEST_F(ReadOnlySqlite, MakesNoFile) {
  write("1_a.up.sql", "SELECT 1");
  EXPECT_THAT(failing(), AllOf(HasSubstr("error[no-such-database]: there is no such file"),
                               HasSubstr(file().string())));
  EXPECT_THAT(files(), IsEmpty());
}

TEST_F(ReadOnlySqlite, SeesEveryState) {
  std::ofstream(file()).flush();
  write("1_a.up.sql", "CREATE TABLE t(x)");
  EXPECT_EQ(seen(), "migrations needed: pending [1]");
  up();
  EXPECT_EQ(seen(), "compatible: 1 applied");
  write("2_b.up.sql", "SELECT 1");
  EXPECT_EQ(seen(), "migrations needed: pending [2]");
  run("INSERT INTO applied_migrations(version, name) VALUES (99, 'z')");
  EXPECT_EQ(seen(), "incompatible: unknown [99], pending [2]");
  write("1_a.up.sql", "CREATE TABLE t(y)");
  EXPECT_EQ(seen(), "incompatible: unknown [99], edited [1], pending [2]");
}

TEST_F(ReadOnlySqlite, SeesAPredecessorAndAMark) {
  run("CREATE TABLE schema_migrations(version uint64, dirty bool);"
      "INSERT INTO schema_migrations VALUES (1, true)");
  write("1_a.up.sql", "SELECT 1");
  EXPECT_EQ(seen(), "incompatible: main.schema_migrations is dirty at 1, pending [1]");
  run("UPDATE schema_migrations SET dirty = 0");
  EXPECT_EQ(seen(), "compatible: 1 applied");
  write("2_b.up.sql", "-- gauntlet: no-transaction\nCREATE TABLE u(x);\nSELECT * FROM missing");
  failure_of([&] { up(); });
  EXPECT_EQ(seen(), "could not tell: in-progress [2 at statement 2 of 2]");
}

TEST_F(ReadOnlySqlite, SeesADatabaseOfAWriteAheadLogThatNobodyHasOpen) {
  migrated("PRAGMA journal_mode = WAL");
  EXPECT_THAT(files(), Not(Contains(Key("app.db-wal"))));
  EXPECT_EQ(seen(), "compatible: 1 applied");
}

// Connections of one process share the log's index; how it is left is seen with two processes.
TEST_F(ReadOnlySqlite, SeesWhatAWriterOfAWriteAheadLogCommittedAndNoMore) {
  migrated("PRAGMA journal_mode = WAL");
  const auto writer = open();
  writer->send("INSERT INTO applied_migrations(version, name) VALUES (2, 'b')");
  writer->send("BEGIN IMMEDIATE; INSERT INTO applied_migrations(version, name) VALUES (3, 'c')");
  EXPECT_THAT(files(), Contains(Key("app.db-shm")));
  EXPECT_EQ(told(), "incompatible: unknown [2]");
  writer->send("COMMIT");
  EXPECT_EQ(told(), "incompatible: unknown [2, 3]");
}

TEST_F(ReadOnlySqlite, SeesALogAndItsIndexThatACrashLeft) {
  migrated("PRAGMA journal_mode = WAL");
  auto writer = open();
  writer->send("INSERT INTO applied_migrations(version, name) VALUES (2, 'b')");
  crash();
  writer.reset();
  EXPECT_THAT(files(), AllOf(Contains(Key("app.db-wal")), Contains(Key("app.db-shm"))));
  EXPECT_EQ(seen(), "incompatible: unknown [2]");
}

TEST_F(ReadOnlySqlite, SeesALogWithoutItsIndex) {
  migrated("PRAGMA journal_mode = WAL");
  auto writer = open();
  writer->send("INSERT INTO applied_migrations(version, name) VALUES (2, 'b')");
  crash();
  writer.reset();
  fs::remove(file().string() + "-shm");
  EXPECT_EQ(seen(), "incompatible: unknown [2]");
}

TEST_F(ReadOnlySqlite, SeesWhatWasCommittedBesideAWriterWithAJournal) {
  migrated();
  const auto writer = open();
  writer->send("BEGIN IMMEDIATE; INSERT INTO applied_migrations(version, name) VALUES (2, 'b')");
  EXPECT_THAT(files(), Contains(Key("app.db-journal")));
  EXPECT_EQ(seen(), "compatible: 1 applied");
}

TEST_F(ReadOnlySqlite, DoesNotWaitForAWriterWhoHasItAlone) {
  migrated();
  const auto writer = open();
  writer->send("BEGIN EXCLUSIVE");
  EXPECT_THAT(failing(), HasSubstr("error[busy]: a writer has the database to himself"));
}

TEST_F(ReadOnlySqlite, RefusesAHotJournal) {
  migrated();
  auto writer = open();
  writer->send(
      "PRAGMA cache_size = 1; BEGIN IMMEDIATE;"
      "CREATE TABLE big AS WITH RECURSIVE c(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM c"
      " LIMIT 200) SELECT x, zeroblob(4000) FROM c");
  crash();
  writer.reset();
  EXPECT_THAT(failing(), AllOf(HasSubstr("error[hot-journal]: a writer died in mid-transaction"),
                               HasSubstr("app.db-journal"), HasSubstr("let a writer undo it")));
  EXPECT_THAT(up(), IsEmpty());
  EXPECT_EQ(seen(), "compatible: 1 applied");
}

TEST_F(ReadOnlySqlite, PassesOverAJournalThatIsSpent) {
  for (const char* mode : {"truncate", "persist"}) {
    SCOPED_TRACE(mode);
    const auto writer = open();
    writer->send(std::string("PRAGMA journal_mode = ") + mode);
    writer->send("CREATE TABLE IF NOT EXISTS " + std::string(mode) + "(x)");
    EXPECT_THAT(files(), Contains(Key("app.db-journal")));
    EXPECT_EQ(seen(), "compatible: 0 applied");
  }
}

TEST_F(ReadOnlySqlite, RefusesWhatIsNoDatabaseAFolderAndABrokenFile) {
  std::ofstream(file()) << std::string(2000, 'x');
  EXPECT_THAT(failing(), HasSubstr("file is not a database (SQLITE_NOTADB)"));
  EXPECT_THAT(failure_of([&] { read_only("sqlite:" + folder_.string(), [](Session&) {}); }),
              HasSubstr("the file cannot be opened: it is a folder"));
  fs::remove(file());
  run("CREATE TABLE t(x); INSERT INTO t VALUES (zeroblob(20000))");
  std::ofstream(file(), std::ios::in | std::ios::out).seekp(4096) << std::string(8192, 'x');
  EXPECT_THAT(failing(),
              AllOf(HasSubstr("(SQLITE_CORRUPT)"), HasSubstr("restore the file from a backup")));
}

TEST_F(ReadOnlySqlite, WritesNothing) {
  migrated();
  const auto before = files();
  EXPECT_THAT(
      failure_of([&] { read_only(url(), [](Session& session) { session.send("DROP TABLE t"); }); }),
      HasSubstr("(SQLITE_READONLY)"));
  EXPECT_EQ(files(), before);
}

TEST_F(ReadOnlySqlite, TakesAnyName) {
  const std::string name = "sqlite:" + (folder_ / "data" / "a b%41?mode=rw#c.db").string();
  connect_sqlite(name)->send("CREATE TABLE t(x)");
  std::string count;
  read_only(name, [&](Session& session) {
    count = session.send("SELECT count(*) FROM sqlite_schema").front().rows[0][0].value();
  });
  EXPECT_EQ(count, "1");
}

}  // namespace
}  // namespace gauntlet::runner
