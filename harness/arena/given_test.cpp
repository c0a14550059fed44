// The given server is one that these tests start, and then treat as if it were the user's.
#include "harness/arena/arena.h"
#include "harness/arena/ask_test.h"
#include "harness/arena/connection.h"
#include "harness/arena/guest_names.h"
#include "harness/process/owner.h"
#include "harness/process/process.h"
#include "runner/values/error.h"

#include <chrono>
#include <csignal>
#include <cstdlib>
#include <functional>
#include <memory>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace gauntlet::arena {
namespace {

using process::Process;
using std::chrono::milliseconds;
using std::chrono::seconds;
using std::chrono::steady_clock;
using testing::HasSubstr;
using testing::Not;

/// A user's scratch server with a database `shop` in it.
struct UsersServer {
  std::unique_ptr<Server> server = Server::start({});
  Address shop = server->loopback().with_database("shop");

  UsersServer() { root("CREATE DATABASE shop"); }
  void root(const std::string& sql) const { Connection(server->local()).run(sql); }
  std::string guests() const {
    return Connection(server->local())
        .ask_one("SELECT count(*) FROM pg_database WHERE datname LIKE 'gauntlet%'");
  }
  /// `shop` as a role that may log in and do nothing else yet.
  Address as_clerk() const {
    root("CREATE ROLE clerk LOGIN PASSWORD 'pw'");
    return shop.with("user", "clerk").with("password", "pw");
  }
};

runner::Error error_of(const std::function<void()>& action) {
  try {
    action();
  } catch (const runner::Error& error) {
    return error;
  }
  return runner::Error("no error", "");
}

Process probe_on(const Address& given) {
  return Process::start({.argv = {GAUNTLET_BINARY_DIR "/bin/arena_probe", "given", given.url()}});
}

TEST(GivenArena, AFreshDatabaseIsEmptyHasTheGivenLocaleAndIsDroppedWithTheObject) {
  const UsersServer user;
  user.root(
      "CREATE DATABASE latin TEMPLATE template0 ENCODING 'LATIN1' LC_COLLATE 'C' LC_CTYPE 'C'");
  const auto arena = open(user.shop.with_database("latin").url(), {});
  auto database = arena->fresh("a");
  EXPECT_EQ(
      value_of(database->address(),
               "SELECT pg_encoding_to_char(encoding) || datcollate || datctype FROM pg_database "
               "WHERE datname = current_database()"),
      "LATIN1CC");
  EXPECT_EQ(user.guests(), "1");
  Connection in_use(database->address());
  database.reset();
  EXPECT_EQ(user.guests(), "0");
}

TEST(GivenArena, NobodysSessionIsEnded) {
  const UsersServer user;
  Connection theirs(user.shop);
  {
    const auto arena = open(user.shop.url(), {});
    const auto fresh = arena->fresh("a");
    const auto copy = arena->copy_of_given({});
  }
  EXPECT_EQ(theirs.ask_one("SELECT 1"), "1");
}

TEST(GivenArena, WithoutCreatedbTheErrorNamesTheRight) {
  const UsersServer user;
  const Address clerk = user.as_clerk();
  const auto arena = open(clerk.url(), {});
  const runner::Error error = error_of([&] { arena->fresh("a"); });
  EXPECT_EQ(error.code(), "needs-createdb");
  EXPECT_THAT(error.fix(), HasSubstr("ALTER ROLE \"clerk\" CREATEDB"));
  EXPECT_EQ(error_of([&] { arena->copy_of_given({}); }).code(), "needs-createdb");
}

TEST(GivenArena, WithCreatedbAloneARoleMayHaveFreshDatabases) {
  const UsersServer user;
  const Address clerk = user.as_clerk();
  user.root("ALTER ROLE clerk CREATEDB");
  const auto arena = open(clerk.url(), {});
  EXPECT_EQ(value_of(arena->fresh("a")->address(), "SELECT 1"), "1");
}

TEST(GivenArena, AReadOnlyServerIsAClearError) {
  const UsersServer user;
  user.root("ALTER SYSTEM SET default_transaction_read_only = on");
  user.root("SELECT pg_reload_conf()");
  while (value_of(user.shop, "SHOW transaction_read_only") == "off") {
  }
  const auto arena = open(user.shop.url(), {});
  const runner::Error error = error_of([&] { arena->fresh("a"); });
  EXPECT_EQ(error.code(), "cannot-create-database");
  EXPECT_THAT(error.what(), HasSubstr("read-only"));
}

TEST(GivenArena, AServerThatIsNotThereIsAClearErrorWithoutThePassword) {
  const runner::Error error =
      error_of([] { open("postgresql://ann:s3cret@127.0.0.1:1/shop", {}); });
  EXPECT_EQ(error.code(), "connect-failed");
  EXPECT_THAT(error.what(), Not(HasSubstr("s3cret")));
}

TEST(GivenArena, ACopyIsMadeByTheServerWhenNobodyIsInTheDatabase) {
  const UsersServer user;
  Connection(user.shop).run("CREATE TABLE t AS SELECT 7 AS n");
  const Arena::Copy copy = open(user.shop.url(), {})->copy_of_given({});
  EXPECT_THAT(copy.how, HasSubstr("TEMPLATE"));
  EXPECT_FALSE(copy.is_sampled);
  EXPECT_EQ(value_of(copy.database->address(), "SELECT n FROM t"), "7");
}

TEST(GivenArena, ACopyOfADatabaseInUseIsMadeWithPgDump) {
  const UsersServer user;
  Connection in_use(user.shop);
  in_use.run("CREATE TABLE t AS SELECT 7 AS n; CREATE VIEW v AS SELECT * FROM t");
  const Arena::Copy copy = open(user.shop.url(), {})->copy_of_given({});
  EXPECT_THAT(copy.how, HasSubstr("pg_dump"));
  EXPECT_THAT(copy.how, HasSubstr("1 other sessions are in it"));
  EXPECT_FALSE(copy.is_sampled);
  EXPECT_EQ(value_of(copy.database->address(), "SELECT n FROM v"), "7");
}

TEST(GivenArena, ALargeDatabaseIsSampledAndClosedUnderForeignKeys) {
  const UsersServer user;
  Connection(user.shop).run(
      "CREATE TABLE country(code text PRIMARY KEY, name text NOT NULL); "
      "CREATE TABLE client(a int, b int, country text REFERENCES country, note text GENERATED "
      "ALWAYS "
      "AS ('n' || a) STORED, PRIMARY KEY (a, b)); "
      "CREATE TABLE bill(id serial PRIMARY KEY, a int, b int, FOREIGN KEY (a, b) REFERENCES "
      "client, "
      "amends int REFERENCES bill); "
      "INSERT INTO country SELECT 'c' || g, 'x' FROM generate_series(1, 90) g; "
      "INSERT INTO client(a, b, country) SELECT g, g, 'c' || 91 - g FROM generate_series(1, 90) g; "
      "INSERT INTO bill(a, b, amends) SELECT 91 - g, 91 - g, NULL FROM generate_series(1, 90) g; "
      "UPDATE bill SET amends = 90 WHERE id = 1; "
      "CREATE TABLE \"My tracker\" (id serial, version int); "
      "INSERT INTO \"My tracker\" (version) SELECT generate_series(1, 40)");
  const auto arena = open(user.shop.url(), {.copy_bytes_max = 1'000, .sample_rows_max = 10});

  const Arena::Copy copy = arena->copy_of_given({"public.\"My tracker\"", "public.none"});

  EXPECT_TRUE(copy.is_sampled);
  EXPECT_THAT(copy.how, HasSubstr("rows: sampled, at most 10 a table"));
  Connection connection(copy.database->address());
  EXPECT_EQ(connection.ask_one("SELECT count(*) FROM \"My tracker\""), "40");
  EXPECT_EQ(connection.ask_one("SELECT count(*) BETWEEN 10 AND 60 FROM bill"), "t");
  EXPECT_EQ(connection.ask_one("SELECT count(*) FROM pg_constraint WHERE contype = 'f' AND "
                               "convalidated"),
            "3");
  EXPECT_EQ(connection.ask_one("INSERT INTO bill DEFAULT VALUES RETURNING id"), "91");
}

TEST(GivenArena, TheGivenDatabaseIsReadOnceForAllCopies) {
  const UsersServer user;
  Connection(user.shop).run("CREATE TABLE t AS SELECT 7 AS n");
  const auto arena = open(user.shop.url(), {});
  const Arena::Copy first = arena->copy_of_given({});
  Connection(user.shop).run("UPDATE t SET n = 8");
  Connection(first.database->address()).run("UPDATE t SET n = 9");

  EXPECT_EQ(value_of(arena->copy_of_given({}).database->address(), "SELECT n FROM t"), "7");
}

TEST(GivenArena, AFreshDatabaseHasTheGivenOnesSettings) {
  const UsersServer user;
  user.root("ALTER DATABASE shop SET search_path = app, public");
  const auto arena = open(user.shop.url(), {});
  EXPECT_EQ(value_of(arena->fresh("a")->address(), "SHOW search_path"), "app, public");
}

TEST(GivenArena, ACopyTakesTheDatabasesSettingsAlong) {
  const UsersServer user;
  user.root("CREATE ROLE app; ALTER DATABASE shop SET search_path = app, \"Odd, name\", public");
  user.root("ALTER DATABASE shop SET work_mem = '7MB'; ALTER DATABASE shop SET my.note = 'it''s'");
  user.root("ALTER ROLE app IN DATABASE shop SET statement_timeout = '9s'");
  const Arena::Copy copy = open(user.shop.url(), {})->copy_of_given({});
  const std::string settings =
      "SELECT string_agg(coalesce(r.rolname, '-') || ' ' || s.setconfig::text, ' ' ORDER BY 1) "
      "FROM pg_db_role_setting s JOIN pg_database d ON d.oid = s.setdatabase "
      "LEFT JOIN pg_roles r ON r.oid = s.setrole WHERE d.datname = current_database()";
  EXPECT_EQ(value_of(copy.database->address(), settings), value_of(user.shop, settings));
  EXPECT_EQ(value_of(copy.database->address(), "SHOW search_path"), "app, \"Odd, name\", public");
}

TEST(GivenArena, ARoleThatMayNotReadEverythingIsToldWhyItCannotCopy) {
  const UsersServer user;
  const Address clerk = user.as_clerk();
  user.root("ALTER ROLE clerk CREATEDB");
  Connection(user.shop).run("CREATE TABLE secret ()");
  const runner::Error error = error_of([&] { open(clerk.url(), {})->copy_of_given({}); });
  EXPECT_EQ(error.code(), "cannot-copy");
  EXPECT_THAT(error.message(), HasSubstr("permission denied"));
  EXPECT_EQ(user.guests(), "0");
}

TEST(GivenArena, TheOwnerOfADatabaseMayCopyItAlsoWithPgDump) {
  const UsersServer user;
  const Address clerk = user.as_clerk();
  user.root("ALTER ROLE clerk CREATEDB; ALTER DATABASE shop OWNER TO clerk");
  Connection(user.shop).run("ALTER SCHEMA public OWNER TO clerk");
  Connection in_use(clerk);
  in_use.run("CREATE TABLE t AS SELECT 7 AS n");
  const Arena::Copy copy = open(clerk.url(), {})->copy_of_given({});
  EXPECT_THAT(copy.how, HasSubstr("pg_dump"));
  EXPECT_EQ(value_of(copy.database->address(), "SELECT n FROM t"), "7");
}

TEST(GivenArena, AKeptDatabaseOutlivesTheArenaAndEverySweep) {
  const UsersServer user;
  std::string url;
  {
    const auto arena = open(user.shop.url(), {});
    url = arena->fresh("a")->keep();
  }
  EXPECT_EQ(value_of(Address::parse(url), "SELECT 1"), "1");
  Process other = probe_on(user.shop);
  ASSERT_THAT(first_line(other), HasSubstr("gauntlet_")) << other.err();
  EXPECT_EQ(value_of(Address::parse(url), "SELECT 1"), "1");
}

TEST(GivenArena, TheDatabaseOfADeadOwnerIsSweptAndThatOfALivingOneIsNot) {
  const UsersServer user;
  Process dead = probe_on(user.shop);
  Process living = probe_on(user.shop);
  const std::string dead_database = first_line(dead).substr(0, first_line(dead).find(' '));
  const std::string living_database = first_line(living).substr(0, first_line(living).find(' '));
  ASSERT_EQ(user.guests(), "2") << dead.err() << living.err();
  dead.signal(SIGKILL);
  dead.wait_for(seconds(60));
  Connection root(user.server->local());
  while (is_life_key_held(root, *guest_owner(dead_database))) {
  }
  sweep_databases(user.shop);
  EXPECT_EQ(root.ask_one("SELECT datname FROM pg_database WHERE datname LIKE 'gauntlet%'"),
            living_database);
}

TEST(GivenArena, TheDatabaseOfAnOwnerElsewhereIsSweptOnlyWhenNoSessionHoldsItsKey) {
  const UsersServer user;
  process::Owner elsewhere = process::Owner::self();
  elsewhere.machine.replace(8, 8, "00000000");
  user.root("CREATE DATABASE gauntlet_" + elsewhere.text() + "_1");
  user.root("CREATE DATABASE gauntlet_shop");  // the user's own
  {
    Connection life(user.shop);
    life.ask("SELECT pg_advisory_lock($1::bigint)", {std::to_string(life_key(elsewhere))});
    EXPECT_EQ(sweep_databases(user.shop), 0);
    life.ask("SELECT pg_advisory_unlock($1::bigint)", {std::to_string(life_key(elsewhere))});
  }
  EXPECT_EQ(sweep_databases(user.shop), 1);
  EXPECT_EQ(user.guests(), "1");
}

TEST(GivenArena, AnInterruptedProgramGivesItsDatabaseBackAndEndsItsChildren) {
  const UsersServer user;
  Process holder = probe_on(user.shop);
  const std::string line = first_line(holder);
  ASSERT_EQ(user.guests(), "1") << holder.err();
  holder.signal(SIGINT);
  const auto exit = holder.wait_for(seconds(60));
  ASSERT_TRUE(exit);
  EXPECT_EQ(exit->signal, SIGINT);
  EXPECT_EQ(user.guests(), "0");
  EXPECT_FALSE(process::Owner::of(std::atoi(line.substr(line.find(' ')).c_str())));
}

}  // namespace
}  // namespace gauntlet::arena
