#include "harness/sql/creations.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace gauntlet::sql {
namespace {

using testing::Contains;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::Not;

std::string first_of(std::string_view sql) {
  const auto all = creations_in(sql);
  if (all.empty()) return {};
  const Creation& made = all.front();
  return made.kind + " " + (made.schema.empty() ? "" : made.schema + ".") + made.name;
}

TEST(Creations, AreNamedByEachKindOfStatement) {
  EXPECT_EQ(first_of("CREATE TABLE IF NOT EXISTS App.\"Users\"(id int)"), "table app.Users");
  EXPECT_EQ(first_of("CREATE TABLE a AS SELECT 1"), "table a");
  EXPECT_EQ(first_of("SELECT 1 INTO b"), "table b");
  EXPECT_EQ(first_of("CREATE MATERIALIZED VIEW c AS SELECT 1"), "table c");
  EXPECT_EQ(first_of("CREATE OR REPLACE VIEW d AS SELECT 1"), "view d");
  EXPECT_EQ(first_of("CREATE UNIQUE INDEX CONCURRENTLY e ON t (i)"), "index e");
  EXPECT_EQ(first_of("CREATE INDEX e ON s.t (i)"), "index s.e");
  EXPECT_EQ(first_of("CREATE FUNCTION s.f() RETURNS int LANGUAGE sql AS 'SELECT 1'"),
            "function s.f");
  EXPECT_EQ(first_of("CREATE TYPE g AS ENUM ('x')"), "type g");
  EXPECT_EQ(first_of("CREATE TYPE h AS (i int)"), "type h");
  EXPECT_EQ(first_of("CREATE DOMAIN i AS int"), "type i");
  EXPECT_EQ(first_of("CREATE SCHEMA IF NOT EXISTS j"), "schema j");
  EXPECT_EQ(first_of("CREATE ROLE k"), "role k");
  EXPECT_EQ(first_of("CREATE EXTENSION IF NOT EXISTS \"uuid-ossp\""), "extension uuid-ossp");
  EXPECT_EQ(first_of("CREATE SEQUENCE l"), "sequence l");
  EXPECT_EQ(first_of("ALTER TABLE m RENAME TO n"), "name n");
  EXPECT_EQ(first_of("ALTER TABLE o SET SCHEMA p"), "table p.o");
  EXPECT_EQ(first_of("CREATE AGGREGATE q(int) (sfunc = int4pl, stype = int)"), "object q");
}

TEST(Creations, AreTemporaryWhereTheStatementSaysSo) {
  EXPECT_TRUE(creations_in("CREATE TEMP TABLE a(i int)").front().is_temporary);
  EXPECT_FALSE(creations_in("CREATE TABLE a(i int)").front().is_temporary);
}

TEST(Creations, AreNoneInWhatOnlySpeaksOfThem) {
  EXPECT_THAT(creations_in("INSERT INTO t VALUES ('CREATE TABLE x()'); -- CREATE TABLE y()\n"
                           "DROP TABLE z; SELECT 1"),
              IsEmpty());
}

TEST(Creations, OfABlockAreItsWords) {
  const auto names =
      names_in_blocks("DO $$ BEGIN EXECUTE 'CREATE TABLE \"Odd\"(i int)'; END $$; SELECT outside");
  EXPECT_THAT(names, Contains("odd"));
  EXPECT_THAT(names, Not(Contains("outside")));
}

TEST(Extensions, AreLookedForByStatementsAndBlocks) {
  EXPECT_THAT(
      extensions_looked_for(
          "DO $$ BEGIN IF NOT EXISTS (SELECT FROM pg_extension WHERE extname = 'postgis') THEN "
          "RAISE EXCEPTION 'extname = ''no''; -- '; END IF; END $$;"
          "SELECT 1 FROM pg_available_extensions WHERE name = 'vector';"
          "SELECT 1 FROM people WHERE name = 'Ann'; -- pg_extension extname = 'comment'\n"),
      ElementsAre("postgis", "vector"));
}

}  // namespace
}  // namespace gauntlet::sql
