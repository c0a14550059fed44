#include "harness/explore/footprint.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace gauntlet::explore {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

Footprint of(std::string_view message) { return *Footprints().of(1, message); }
bool do_conflict(std::string_view one, std::string_view other) {
  return conflict(of(one), of(other));
}

TEST(Footprint, WhatIsOfTheSessionAloneTouchesNothing) {
  for (const char* message :
       {"BEGIN", "SET search_path TO \"public\"", "SHOW server_version", "select version()", "",
        "SELECT 1", "SELECT set_config('search_path', $1, false)", "SAVEPOINT a",
        "BEGIN ISOLATION LEVEL READ COMMITTED", "DISCARD TEMP"})
    EXPECT_TRUE(of(message).is_nothing()) << message;
}

TEST(Footprint, TablesAreReadAndWritten) {
  EXPECT_THAT(of("SELECT * FROM a JOIN b ON a.x = b.x").reads, ElementsAre("a", "b"));
  EXPECT_THAT(of("INSERT INTO a SELECT * FROM b").writes, ElementsAre("a"));
  EXPECT_THAT(of("WITH x AS (DELETE FROM a RETURNING *) SELECT * FROM x").writes, ElementsAre("a"));
  EXPECT_THAT(of("SELECT * FROM a FOR UPDATE").writes, ElementsAre("a"));
  EXPECT_THAT(of("LOCK TABLE a IN SHARE MODE").writes, ElementsAre("a"));
  EXPECT_THAT(of("SELECT FROM information_schema.tables").writes, IsEmpty());
}

TEST(Footprint, WhatIsNotUnderstoodTouchesEverything) {
  for (const char* message :
       {"DO $$ BEGIN END $$", "CALL p()", "SELECT my_function()", "CREATE INDEX ON a(x)",
        "no SQL at all", "SELECT * FROM pg_locks", "BEGIN ISOLATION LEVEL SERIALIZABLE",
        "CREATE TABLE b(x int REFERENCES a)", "VACUUM", "PREPARE TRANSACTION 'a'"})
    EXPECT_TRUE(of(message).everything) << message;
}

TEST(Footprint, MessagesConflictIfOneWritesWhatTheOtherTouches) {
  EXPECT_TRUE(do_conflict("INSERT INTO a VALUES (1)", "SELECT * FROM a"));
  EXPECT_TRUE(do_conflict("CREATE TABLE a(x int)", "SELECT to_regclass('a')"));
  EXPECT_TRUE(do_conflict("CREATE TABLE a(x int)", "SELECT FROM information_schema.tables"));
  EXPECT_TRUE(do_conflict("SELECT pg_advisory_lock(1)", "SELECT pg_try_advisory_lock(2)"));
  EXPECT_TRUE(do_conflict("LISTEN a", "SELECT pg_notify('a', '')"));
  EXPECT_TRUE(do_conflict("VACUUM", "SELECT * FROM a"));
  EXPECT_FALSE(do_conflict("SELECT * FROM a", "SELECT * FROM a"));
  EXPECT_FALSE(do_conflict("INSERT INTO a VALUES (1)", "SELECT * FROM b"));
  EXPECT_FALSE(do_conflict("INSERT INTO a VALUES (1)", "SELECT pg_advisory_lock(1)"));
  EXPECT_FALSE(do_conflict("VACUUM", "SELECT version()"));
}

TEST(Footprint, TablesThatATriggerOrAForeignKeyJoinsAreOne) {
  Footprints footprints;
  footprints.learn("CREATE TABLE orders(x int REFERENCES customers)");
  const auto orders = footprints.of(1, "INSERT INTO orders VALUES (1)");
  const auto customers = footprints.of(2, "DELETE FROM customers");
  const auto history = footprints.of(3, "INSERT INTO history VALUES (1)");
  EXPECT_TRUE(conflict(*orders, *customers));
  EXPECT_FALSE(conflict(*orders, *history));
}

TEST(Footprint, AFunctionThatPutsItsTextTogetherMayTouchAnyTable) {
  Footprints footprints;
  footprints.learn("CREATE FUNCTION f() RETURNS trigger LANGUAGE plpgsql AS $$ EXECUTE 'x'; $$");
  EXPECT_TRUE(conflict(*footprints.of(1, "INSERT INTO a VALUES (1)"),
                       *footprints.of(2, "SELECT * FROM history")));
}

}  // namespace
}  // namespace gauntlet::explore
