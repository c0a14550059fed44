#include "harness/sql/lock_edits.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace gauntlet::sql {
namespace {

std::string shared(std::string_view sql) {
  const auto result = with_shared_advisory_locks(sql);
  return result ? result->sql : "unchanged";
}
std::string weak(std::string_view sql) {
  const auto result = with_weak_table_locks(sql);
  return result ? result->sql : "unchanged";
}
std::string unlocked(std::string_view sql) {
  const auto result = without_row_locks(sql);
  return result ? result->sql : "unchanged";
}

TEST(AdvisoryLocks, BecomeSharedInEveryForm) {
  EXPECT_EQ(shared("SELECT pg_advisory_lock($1)"), "SELECT pg_advisory_lock_shared($1)");
  EXPECT_EQ(shared("select PG_CATALOG.Pg_Try_Advisory_Lock (1, 2)"),
            "select PG_CATALOG.pg_try_advisory_lock_shared (1, 2)");
  EXPECT_EQ(shared("SELECT \"pg_advisory_unlock\"/* now */(1)"),
            "SELECT \"pg_advisory_unlock_shared\"/* now */(1)");
  EXPECT_EQ(shared("SELECT pg_advisory_xact_lock(1); SELECT pg_try_advisory_xact_lock(2)"),
            "SELECT pg_advisory_xact_lock_shared(1); SELECT pg_try_advisory_xact_lock_shared(2)");
}

TEST(AdvisoryLocks, AreLeftAloneInStringsCommentsAndOtherNames) {
  for (const auto* sql : {"SELECT 'pg_advisory_lock(1)'", "-- pg_advisory_lock(1)\nSELECT 1",
                          "DO $$ BEGIN PERFORM pg_advisory_lock(1); END $$",
                          "SELECT my_pg_advisory_lock(1)", "SELECT pg_advisory_lock_shared(1)",
                          "SELECT pg_advisory_lock", "SELECT 'pg_advisory_lock("})
    EXPECT_EQ(shared(sql), "unchanged") << sql;
}

TEST(AdvisoryLocks, AreKeptWhereTheirReleaseTakesOneMore) {
  const auto kept = [](std::string_view sql) {
    const auto result = with_kept_advisory_locks(sql);
    return result ? result->sql : "unchanged";
  };
  EXPECT_EQ(kept("SELECT pg_advisory_unlock($1) AS ok"), "SELECT pg_try_advisory_lock($1) AS ok");
  EXPECT_EQ(kept("select pg_catalog.pg_advisory_unlock(1, 2)"),
            "select pg_catalog.pg_try_advisory_lock(1, 2)");
  EXPECT_EQ(kept("SELECT pg_advisory_unlock_all()"),
            "SELECT pg_advisory_lock_shared(6148914691236517205)");
  for (const auto* sql : {"SELECT 'pg_advisory_unlock(1)'", "-- pg_advisory_unlock(1)\nSELECT 1",
                          "SELECT pg_advisory_lock(1)", "DISCARD ALL"})
    EXPECT_EQ(kept(sql), "unchanged") << sql;
}

TEST(AdvisoryLocks, GetAnotherKey) {
  const auto keyed = [](std::string_view sql) {
    const auto result = with_other_advisory_keys(sql, 7);
    return result ? result->sql : "unchanged";
  };
  EXPECT_EQ(keyed("SELECT pg_advisory_lock($1)"),
            "SELECT pg_advisory_lock((($1)::pg_catalog.int8 # 7))");
  EXPECT_EQ(keyed("SELECT pg_try_advisory_lock(hashtext('a, b'), 2)"),
            "SELECT pg_try_advisory_lock(hashtext('a, b'), ((2)::pg_catalog.int4 # 7))");
  EXPECT_EQ(keyed("SELECT pg_advisory_unlock(f(1, 2)); SELECT pg_advisory_xact_lock( 3 )"),
            "SELECT pg_advisory_unlock(((f(1, 2))::pg_catalog.int8 # 7)); SELECT "
            "pg_advisory_xact_lock( ((3)::pg_catalog.int8 # 7) )");
  EXPECT_EQ(keyed("SELECT 'pg_advisory_lock(1)'"), "unchanged");
  EXPECT_EQ(keyed("SELECT pg_advisory_unlock_all()"), "unchanged");
}

TEST(TableLocks, TakeAccessShare) {
  EXPECT_EQ(weak("LOCK TABLE a, ONLY b IN EXCLUSIVE MODE NOWAIT; SELECT 1"),
            "LOCK TABLE a, ONLY b IN ACCESS SHARE MODE NOWAIT; SELECT 1");
  EXPECT_EQ(weak("BEGIN; lock t"), "BEGIN; lock t IN ACCESS SHARE MODE");
  EXPECT_EQ(weak("LOCK t NOWAIT"), "LOCK t IN ACCESS SHARE MODE NOWAIT");
  EXPECT_EQ(weak("SELECT lock FROM t"), "unchanged");
}

TEST(RowLocks, AreDropped) {
  EXPECT_EQ(unlocked("SELECT 1 FROM t FOR UPDATE"), "SELECT 1 FROM t ");
  EXPECT_EQ(unlocked("SELECT 1 FROM t FOR NO KEY UPDATE OF s.t, u SKIP LOCKED LIMIT 1"),
            "SELECT 1 FROM t  LIMIT 1");
  EXPECT_EQ(unlocked("SELECT 1 FOR SHARE NOWAIT FOR KEY SHARE; x"), "SELECT 1  ; x");
  EXPECT_EQ(unlocked("CREATE POLICY p ON t FOR UPDATE USING (true)"), "unchanged");
  EXPECT_EQ(unlocked("SELECT substring(a FOR 3)"), "unchanged");
}

TEST(SqlEdit, MapsPositionsBack) {
  const std::string_view original = "é pg_advisory_lock(1) x";
  const auto sent = with_shared_advisory_locks(original);
  ASSERT_TRUE(sent.has_value());
  EXPECT_EQ(original_position(original, *sent, 1), 1U);
  EXPECT_EQ(original_position(original, *sent, 3), 3U);
  EXPECT_EQ(original_position(original, *sent, 25), 3U);
  EXPECT_EQ(original_position(original, *sent, 26), 19U);
  EXPECT_EQ(original_position(original, *sent, 30), 23U);
  EXPECT_EQ(original_position(original, *sent, 0), 0U);
}

}  // namespace
}  // namespace gauntlet::sql
