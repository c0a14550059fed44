#include "harness/arena/arena.h"

#include "harness/arena/ask_test.h"
#include "harness/arena/connection.h"
#include "runner/values/error.h"

#include <set>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace gauntlet::arena {
namespace {

using testing::HasSubstr;

constexpr const char* user_tables =
    "SELECT count(*) FROM pg_class WHERE relnamespace = 'public'::regnamespace";

TEST(EphemeralArena, AFreshDatabaseIsEmptyAndHasAServerOfItsOwn) {
  const auto arena = open("ephemeral", {});
  const auto first = arena->fresh("a");
  const auto second = arena->fresh("b");
  Connection(first->address()).run("CREATE TABLE t (); CREATE ROLE clerk");
  EXPECT_EQ(value_of(second->address(), user_tables), "0");
  EXPECT_EQ(value_of(second->address(), "SELECT count(*) FROM pg_roles WHERE rolname = 'clerk'"),
            "0");
}

TEST(EphemeralArena, BothAddressesLeadToTheSameDatabase) {
  const auto database = open("ephemeral", {})->fresh("a");
  Connection(database->address()).run("CREATE TABLE t ()");
  EXPECT_EQ(value_of(database->loopback(), user_tables), "1");
  EXPECT_FALSE(database->loopback().is_unix_socket());
  EXPECT_EQ(database->loopback().with("password", "").masked().find(":@"), std::string::npos);
}

TEST(EphemeralArena, ItsMaintenanceDatabaseIsAnotherOne) {
  const auto database = open("ephemeral", {})->fresh("a");
  EXPECT_NE(value_of(database->maintenance(), "SELECT current_database()"),
            value_of(database->address(), "SELECT current_database()"));
}

TEST(EphemeralArena, TheGivenDatabaseIsEmptyAndStaysTheSame) {
  const auto arena = open("ephemeral", {});
  EXPECT_EQ(value_of(arena->given(), user_tables), "0");
  Connection(arena->given()).run("CREATE TABLE t ()");
  EXPECT_EQ(value_of(arena->given(), user_tables), "1");
}

TEST(EphemeralArena, ACopyHasWhatTheGivenDatabaseHasNow) {
  const auto arena = open("ephemeral", {});
  Connection(arena->given()).run("CREATE TABLE t AS SELECT 7 AS n; CREATE ROLE clerk");
  const Arena::Copy copy = arena->copy_of_given({});
  Connection connection(copy.database->loopback());
  EXPECT_EQ(connection.ask_one("SELECT n FROM t"), "7");
  EXPECT_EQ(connection.ask_one("SELECT count(*) FROM pg_roles WHERE rolname = 'clerk'"), "1");
  connection.run("DROP TABLE t; DROP ROLE clerk");
  EXPECT_EQ(value_of(arena->given(), "SELECT n FROM t"), "7");
}

TEST(EphemeralArena, ACopyOfAGivenDatabaseThatNobodyAskedForIsEmpty) {
  const Arena::Copy copy = open("ephemeral", {})->copy_of_given({});
  EXPECT_EQ(value_of(copy.database->address(), user_tables), "0");
}

TEST(EphemeralArena, ACopySaysThatUnloggedTablesAreEmpty) {
  const auto arena = open("ephemeral", {});
  Connection(arena->given()).run("CREATE UNLOGGED TABLE t AS SELECT 7 AS n");
  EXPECT_THAT(arena->copy_of_given({}).how, HasSubstr("unlogged tables are empty"));
}

TEST(EphemeralArena, ThePreludeRunsInEveryFreshDatabase) {
  const auto arena = open("ephemeral", {.init_sql = "CREATE SCHEMA app; CREATE ROLE app_user"});
  EXPECT_EQ(value_of(arena->fresh("a")->address(), "SELECT to_regnamespace('app')::text"), "app");
  EXPECT_EQ(value_of(arena->given(), "SELECT to_regnamespace('app')::text"), "app");
}

TEST(EphemeralArena, APreludeThatFailsIsAnError) {
  const auto arena = open("ephemeral", {.init_sql = "CREATE EXTENSION no_such_extension"});
  try {
    arena->fresh("a");
    ADD_FAILURE() << "made";
  } catch (const runner::Error& error) {
    EXPECT_EQ(error.code(), "init-sql-failed");
    EXPECT_THAT(error.where(), HasSubstr("no_such_extension"));
  }
}

TEST(EphemeralArena, AKeptDatabaseCanBeReachedAfterwards) {
  auto arena = open("ephemeral", {});
  auto database = arena->fresh("a");
  Connection(database->address()).run("CREATE TABLE t ()");
  const std::string url = database->keep();
  database.reset();
  arena.reset();
  EXPECT_EQ(value_of(Address::parse(url), user_tables), "1");
  const std::string port = Address::parse(url).port();
  for (const ServerEntry& entry : list_servers()) {
    if (std::to_string(entry.port) == port) stop_server(entry.name);
  }
}

TEST(Schema, IsThereWhileTheObjectIs) {
  const auto database = open("ephemeral", {})->fresh("a");
  std::string name;
  {
    const Schema schema(database->address(), "Lock Test");
    name = schema.name();
    Connection(database->address()).run("CREATE TABLE " + name + ".t ()");
    EXPECT_THAT(name, testing::StartsWith("gauntlet__ock__est_"));
  }
  EXPECT_EQ(value_of(database->address(), "SELECT to_regnamespace('" + name + "') IS NULL"), "t");
}

TEST(LockKey, IsPositiveAndAnotherOneEachTime) {
  std::set<std::int64_t> keys;
  for (int i = 0; i < 1'000; ++i) keys.insert(unique_lock_key());
  EXPECT_EQ(keys.size(), 1'000U);
  EXPECT_GT(*keys.begin(), 0);
}

}  // namespace
}  // namespace gauntlet::arena
