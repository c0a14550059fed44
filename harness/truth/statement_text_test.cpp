#include "harness/truth/statement_text.h"

#include <gtest/gtest.h>

namespace gauntlet::truth {
namespace {

TEST(KindOf, TellsSettingsFromTimeoutsAndWrites) {
  EXPECT_EQ(kind_of("SET search_path = app"), StatementKind::setting);
  EXPECT_EQ(kind_of("SELECT pg_catalog.set_config('search_path', $1, false)"),
            StatementKind::setting);
  EXPECT_EQ(kind_of("SET ROLE app"), StatementKind::setting);
  EXPECT_EQ(kind_of("SET statement_timeout = '1500ms'"), StatementKind::aside);
  EXPECT_EQ(kind_of("SET client_encoding TO 'LATIN1'"), StatementKind::aside);
  EXPECT_EQ(kind_of("SET NAMES 'LATIN1'"), StatementKind::aside);
  EXPECT_EQ(kind_of("SET session_replication_role = replica"), StatementKind::twisting);
  EXPECT_EQ(kind_of("SET session_replication_role = origin"), StatementKind::setting);
  EXPECT_EQ(kind_of("SET standard_conforming_strings = on"), StatementKind::setting);
  EXPECT_EQ(kind_of("CREATE SCHEMA IF NOT EXISTS app"), StatementKind::groundwork);
  EXPECT_EQ(kind_of("insert into t values (1)"), StatementKind::write);
  EXPECT_EQ(kind_of("START TRANSACTION"), StatementKind::begin);
  EXPECT_EQ(kind_of("ROLLBACK TO SAVEPOINT m"), StatementKind::other);
  EXPECT_EQ(kind_of("ROLLBACK"), StatementKind::end);
}

TEST(TargetOf, IsTheBareNameOfWhatIsWritten) {
  EXPECT_EQ(target_of("CREATE TABLE IF NOT EXISTS public.\"Orders\" (id int)"), "orders");
  EXPECT_EQ(target_of("INSERT INTO a.b.c VALUES (1)"), "c");
  EXPECT_EQ(target_of("UPDATE ONLY t SET i = 1"), "t");
  EXPECT_EQ(target_of("'x'"), "");
}

TEST(TargetOf, HasTheSchemaThatItsNameHas) {
  EXPECT_EQ(qualified_target_of("CREATE TABLE IF NOT EXISTS \"Store\" . items ()").schema, "store");
  EXPECT_EQ(qualified_target_of("CREATE FUNCTION d.s.f() RETURNS int").schema, "s");
  EXPECT_EQ(qualified_target_of("CREATE TABLE items ()").schema, "");
  EXPECT_EQ(qualified_target_of("CREATE TABLE -- store.\n items ()").schema, "");
}

TEST(FromDifference, ShowsWhatDiffersFarInAndLineEnds) {
  const std::string begins = "INSERT INTO notes VALUES " + std::string(100, 'x');
  EXPECT_EQ(from_difference(begins + "'a\r\nb'", begins + "'a\nb'"),
            "…" + std::string(28, 'x') + "'a\\r\\nb'");
  EXPECT_EQ(from_difference("same", "other"), "same");
  EXPECT_EQ(from_difference("a", "a b"), "a");
}

TEST(Mentions, WantsAWholeWord) {
  EXPECT_TRUE(mentions("DROP TABLE Orders;", "orders"));
  EXPECT_FALSE(mentions("DROP TABLE orders_old;", "orders"));
  EXPECT_FALSE(mentions("anything", ""));
}

}  // namespace
}  // namespace gauntlet::truth
