#include "harness/sql/contested.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace gauntlet::sql {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using What = Contested::What;

Contested rows(const char* name) { return {.what = What::rows, .name = name}; }
Contested relation(const char* name) { return {.what = What::relation, .name = name}; }

TEST(Contested, RowsThatAStatementWrites) {
  EXPECT_THAT(contested_by("INSERT INTO t SELECT 1 WHERE NOT EXISTS (SELECT 1 FROM u)"),
              ElementsAre(rows("\"t\"")));
  EXPECT_THAT(contested_by("UPDATE app.\"Lock\" SET a = 1"), ElementsAre(rows("\"app\".\"Lock\"")));
  EXPECT_THAT(contested_by("DELETE FROM t"), ElementsAre(rows("\"t\"")));
  EXPECT_THAT(contested_by("COPY t FROM STDIN"), ElementsAre(rows("\"t\"")));
}

TEST(Contested, WriteInsideAQueryIsOne) {
  EXPECT_THAT(contested_by("WITH d AS (DELETE FROM t RETURNING x) INSERT INTO u SELECT x FROM d"),
              ElementsAre(rows("\"u\""), rows("\"t\"")));
}

TEST(Contested, ReadsAndSettingsAreNone) {
  EXPECT_THAT(contested_by("SELECT * FROM t; SET x.y = 1; COPY t TO STDOUT; LOCK TABLE t"),
              IsEmpty());
}

TEST(Contested, NamesThatAStatementCreates) {
  EXPECT_THAT(contested_by("CREATE TABLE IF NOT EXISTS t(x int)"), ElementsAre(relation("\"t\"")));
  EXPECT_THAT(contested_by("CREATE TABLE t AS SELECT 1"), ElementsAre(relation("\"t\"")));
  EXPECT_THAT(contested_by("CREATE INDEX IF NOT EXISTS i ON s.t(x)"),
              ElementsAre(relation("\"s\".\"i\"")));
  EXPECT_THAT(contested_by("CREATE SCHEMA IF NOT EXISTS s"),
              ElementsAre(Contested{.what = What::schema, .name = "\"s\""}));
  EXPECT_THAT(contested_by("CREATE TYPE mood AS ENUM ('ok')"),
              ElementsAre(Contested{.what = What::type, .name = "\"mood\""}));
}

TEST(Contested, TemporaryTableIsSeenByItsSessionAlone) {
  EXPECT_THAT(contested_by("CREATE TEMP TABLE t(x int)"), IsEmpty());
}

TEST(Contested, CommonIsWhatBothHave) {
  const auto first = contested_by("INSERT INTO a VALUES (1); INSERT INTO b VALUES (1)");
  EXPECT_EQ(common(first, contested_by("UPDATE b SET x = 1")), rows("\"b\""));
  EXPECT_EQ(common(first, contested_by("CREATE TABLE a(x int)")), std::nullopt);
}

}  // namespace
}  // namespace gauntlet::sql
