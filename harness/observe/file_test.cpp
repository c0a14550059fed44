#include "harness/arena/file_arena.h"
#include "harness/observe/observe.h"
#include "runner/sqlite.h"
#include "runner/values/session.h"

#include <fstream>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace gauntlet::observe {
namespace {

using std::chrono::milliseconds;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;

class OfFile : public testing::Test {
 protected:
  void run(const std::string& sql) const {
    runner::connect_sqlite(address().conninfo())->send(sql);
  }
  const arena::Address& address() const { return database_->address(); }

  std::unique_ptr<arena::Arena> arena_ = arena::open_files();
  std::unique_ptr<arena::Database> database_ = arena_->fresh("file");
};

TEST_F(OfFile, AFileThatIsNotThereHoldsNothingAndIsNotMade) {
  const core::Snapshot taken = snapshot(address());
  EXPECT_EQ(taken.missing, "");
  EXPECT_THAT(taken.data.value(), IsEmpty());
  EXPECT_THAT(taken.files.value(), IsEmpty());
  EXPECT_FALSE(std::filesystem::exists(address().file()));
}

TEST_F(OfFile, SeesTablesIndexesRowsAndSequences) {
  run("CREATE TABLE t(id integer PRIMARY KEY AUTOINCREMENT, x); CREATE INDEX i ON t(x);"
      "INSERT INTO t(x) VALUES (1), ('1')");
  const core::Snapshot taken = snapshot(address());
  EXPECT_THAT(taken.catalogue.value(), SizeIs(2));
  EXPECT_EQ(taken.catalogue->at("index i"), "CREATE INDEX i ON t(x)");
  EXPECT_EQ(taken.data->at("t").rows, 2);
  EXPECT_EQ(taken.sequences->at("t"), "2");
}

TEST_F(OfFile, TellsValuesOfOtherTypesAndValuesThatMovedFromEqualOnes) {
  run("CREATE TABLE t(id integer PRIMARY KEY, x); INSERT INTO t VALUES (1, 5), (2, 6)");
  const core::TableData first = snapshot(address()).data->at("t");
  run("UPDATE t SET x = 11 - x");
  const core::TableData moved = snapshot(address()).data->at("t");
  EXPECT_EQ(moved.columns.at("x"), first.columns.at("x"));
  EXPECT_NE(moved.by_key.at("x"), first.by_key.at("x"));
  run("UPDATE t SET x = CAST(11 - x AS text)");
  EXPECT_NE(snapshot(address()).data->at("t").columns.at("x"), first.columns.at("x"));
}

TEST_F(OfFile, LooksWithoutChangingAByteAndSeesOneThatChanged) {
  run("PRAGMA journal_mode = WAL; CREATE TABLE t(x)");
  const core::Files first = snapshot(address()).files.value();
  EXPECT_EQ(snapshot(address()).files, first);
  run("PRAGMA user_version = 7");
  EXPECT_NE(snapshot(address()).files, first);
}

TEST_F(OfFile, AFileThatIsNoDatabaseIsTakenForWhatItIs) {
  std::ofstream(address().file()) << std::string(200, 'x');
  const core::Snapshot taken = snapshot(address());
  EXPECT_EQ(taken.missing, "");
  EXPECT_EQ(taken.catalogue->at("database"), "there is none");
  EXPECT_THAT(taken.files.value(), SizeIs(1));
}

TEST_F(OfFile, SeesWhoHoldsItsLock) {
  run("CREATE TABLE t(x)");
  EXPECT_THAT(leftovers(address(), milliseconds(0)).open_transactions, IsEmpty());
  const auto holder = runner::connect_sqlite(address().conninfo());
  holder->send("BEGIN IMMEDIATE");
  EXPECT_THAT(leftovers(address(), milliseconds(0)).open_transactions, SizeIs(1));
}

TEST_F(OfFile, ATornFileIsNotTakenForOneThatNobodyHolds) {
  run("CREATE TABLE t(x); CREATE TABLE u(x)");
  std::filesystem::resize_file(address().file(), 4096);  // the first page alone
  EXPECT_THROW(leftovers(address(), milliseconds(0)), runner::SqlError);
  EXPECT_NE(snapshot(address(), {.leftovers = true}).missing, "");
}

TEST_F(OfFile, OfAFileThatIsNoDatabaseNobodyHoldsALock) {
  std::ofstream(address().file()) << std::string(200, 'x');
  EXPECT_THAT(leftovers(address(), milliseconds(0)).open_transactions, IsEmpty());
}

TEST_F(OfFile, ReadsTheTrackerAndTheJournal) {
  std::string missing;
  EXPECT_EQ(applied(address(), "", missing), std::nullopt);
  EXPECT_NE(missing, "");
  EXPECT_EQ(journal(address()), std::nullopt);
  run("CREATE TABLE applied_migrations(version integer PRIMARY KEY, name text);"
      "INSERT INTO applied_migrations VALUES (2, 'b'); CREATE TABLE journal(version);"
      "INSERT INTO journal VALUES (2), (1)");
  const auto set = applied(address(), "", missing);
  ASSERT_TRUE(set.has_value()) << missing;
  EXPECT_THAT(set->rows, ElementsAre(core::AppliedRow{.version = 2, .name = "b"}));
  EXPECT_FALSE(set->dirty);
  EXPECT_THAT(journal(address()).value(), ElementsAre(2, 1));
}

}  // namespace
}  // namespace gauntlet::observe
