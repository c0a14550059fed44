// The store's service over its SQLite file: an old database keeps its rows, and a staged build is
// asked before it takes the file over.
#include "harness/process/process.h"
#include "runner/sqlite.h"

#include <filesystem>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <stdlib.h>

namespace gauntlet::store {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

class Store : public testing::Test {
 protected:
  ~Store() override { std::filesystem::remove_all(folder_); }

  process::Finished service(const std::string& flag) const {
    return process::run({.argv = {std::string(GAUNTLET_BINARY_DIR) + "/bin/store-service", flag},
                         .environment = {{"DATABASE_URL", url_}}},
                        std::chrono::seconds(60));
  }
  std::string value(const std::string& sql) const {
    return runner::connect_sqlite(url_)->query(sql).rows.at(0).at(0).value_or("");
  }

  const std::filesystem::path folder_ = [] {
    std::string name = (std::filesystem::temp_directory_path() / "gauntlet-store-XXXXXX").string();
    return std::filesystem::path(mkdtemp(name.data()));
  }();
  const std::string url_ = "sqlite:" + (folder_ / "store.db").string();
};

TEST_F(Store, IsAskedBeforeItTakesTheFileOver) {
  runner::connect_sqlite(url_)->send("CREATE TABLE other (x)");
  const auto before = service("--check-migrations");
  EXPECT_EQ(before.exit.code, 1) << before.err;
  EXPECT_THAT(before.out, HasSubstr("migrations needed: pending [1, 2, 3, 4, 5]"));
  EXPECT_EQ(value("SELECT count(*) FROM sqlite_master"), "1");

  ASSERT_EQ(service("--migrate-only").exit.code, 0);
  EXPECT_EQ(service("--check-migrations").exit.code, 0);

  runner::connect_sqlite(url_)->send(
      "INSERT INTO applied_migrations(version, name) VALUES (99, 'of_a_later_build')");
  const auto older = service("--check-migrations");
  EXPECT_EQ(older.exit.code, 2);
  EXPECT_THAT(older.out, HasSubstr("incompatible: unknown [99]"));
}

TEST_F(Store, KeepsTheRowsOfADatabaseThatIsOlderThanItsMigrations) {
  runner::connect_sqlite(url_)->send(
      "CREATE TABLE items (id integer PRIMARY KEY, name text NOT NULL UNIQUE,"
      " price_cents integer NOT NULL, currency text NOT NULL DEFAULT 'EUR');"
      "INSERT INTO items (name, price_cents, currency) VALUES ('nail', 2, 'CHF')");
  const auto run = service("--migrate-only");
  ASSERT_EQ(run.exit.code, 0) << run.err;
  EXPECT_EQ(value("SELECT currency FROM items WHERE name = 'nail'"), "CHF");
  EXPECT_EQ(value("SELECT count(*) FROM applied_migrations"), "5");
  EXPECT_EQ(value("SELECT count(*) FROM applied_migrations WHERE checksum IS NULL"), "1");
}

TEST_F(Store, KeepsSuppliersOfItemsWhenTheirTableIsRebuilt) {
  ASSERT_EQ(service("--migrate-only").exit.code, 0);
  runner::connect_sqlite(url_)->send(
      "INSERT INTO items (id, name, price_cents) VALUES (1, 'nail', 2);"
      "INSERT INTO item_suppliers VALUES (1, 1);"
      "DELETE FROM applied_migrations WHERE version = 4");
  const auto again = service("--migrate-only");
  EXPECT_EQ(again.exit.code, 0) << again.err;
  EXPECT_EQ(value("SELECT count(*) FROM item_suppliers"), "1");
}

}  // namespace
}  // namespace gauntlet::store
