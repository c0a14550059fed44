#include "harness/wire_mutant/changes.h"

#include <gtest/gtest.h>

namespace gauntlet::wire_mutant {
namespace {

const Known known{
    .tracker = "public.applied", .lock_tables = {"applied_lock"}, .tables_of_files = {"accounts"}};

/// The text that is sent; `answer TAG` where nothing is; `unchanged`.
std::string sent(Kind kind, const std::string& sql, core::Step::Kind step = {}) {
  const auto ruling = change(kind, {.kind = step, .sql = sql}, known, 7);
  if (!ruling) return "unchanged";
  return ruling->what == core::Ruling::What::answer ? "answer " + ruling->text : ruling->text;
}

TEST(WireMutantLock, IsNoLockInEveryForm) {
  constexpr Kind kind = Kind::lock_is_noop;
  EXPECT_EQ(sent(kind, "SELECT pg_advisory_lock(1)"), "SELECT pg_advisory_lock_shared(1)");
  EXPECT_EQ(sent(kind, "SELECT pg_try_advisory_lock($1, $2)", core::Step::Kind::prepare),
            "SELECT pg_try_advisory_lock_shared($1, $2)");
  EXPECT_EQ(sent(kind, "LOCK TABLE applied IN EXCLUSIVE MODE"),
            "LOCK TABLE applied IN ACCESS SHARE MODE");
  EXPECT_EQ(sent(kind, "SELECT * FROM applied FOR UPDATE"), "SELECT * FROM applied ");
  EXPECT_EQ(sent(kind, "UPDATE applied_lock SET is_locked = 1 WHERE is_locked = 0"),
            "answer UPDATE 1");
  EXPECT_EQ(sent(kind, "INSERT INTO \"applied_lock\" VALUES (true)"), "answer INSERT 0 1");
}

TEST(WireMutantLock, LeavesStringsCommentsAndTheFilesOwnLocksAlone) {
  for (const char* sql :
       {"SELECT 'pg_advisory_lock(1)'", "-- pg_advisory_lock(1)\nSELECT 1",
        "DO $$ BEGIN PERFORM pg_advisory_lock(1); END $$", "SELECT * FROM accounts FOR UPDATE",
        "INSERT INTO accounts VALUES (1)", "SELECT 'LOCK TABLE applied'"})
    EXPECT_EQ(sent(Kind::lock_is_noop, sql), "unchanged") << sql;
}

TEST(WireMutantTransaction, IsAnsweredAndNotSent) {
  constexpr Kind kind = Kind::begin_commit_dropped;
  EXPECT_EQ(sent(kind, "BEGIN ISOLATION LEVEL SERIALIZABLE"), "answer BEGIN");
  EXPECT_EQ(sent(kind, "start transaction"), "answer BEGIN");
  EXPECT_EQ(sent(kind, "COMMIT;"), "answer COMMIT");
  EXPECT_EQ(sent(kind, "ROLLBACK"), "answer ROLLBACK");
  EXPECT_EQ(sent(kind, "BEGIN", core::Step::Kind::prepare), "unchanged");
  EXPECT_EQ(sent(kind, "SELECT 'BEGIN'"), "unchanged");
}

TEST(WireMutantTransaction, OfOneMessageIsCommittedStatementByStatement) {
  constexpr Kind kind = Kind::begin_commit_dropped;
  EXPECT_EQ(sent(kind, "BEGIN; SELECT 1; SELECT 'a;b'; COMMIT"),
            "COMMIT;\nSELECT 1;\nCOMMIT;\nSELECT 'a;b';\nCOMMIT;\n");
  EXPECT_EQ(sent(kind, "SELECT 1; SELECT 2"), "unchanged");
  const auto told = [&](const std::string& sql) {
    return change(kind, {.sql = sql}, known, 7)->told_open;
  };
  EXPECT_EQ(told("BEGIN; SELECT 1; COMMIT"), false);
  EXPECT_EQ(told("BEGIN; SELECT 1"), true);
  EXPECT_EQ(told("SELECT 1; COMMIT; BEGIN"), true);
}

TEST(WireMutantTransaction, CannotBeDroppedOutOfABatchOfTheExtendedProtocol) {
  constexpr auto query = core::Step::Kind::query;
  EXPECT_NE(obstacle(Kind::begin_commit_dropped, {.kind = query, .sql = "BEGIN; SELECT 1; COMMIT"}),
            "");
  EXPECT_EQ(sent(Kind::begin_commit_dropped, "BEGIN; SELECT 1; COMMIT", query), "unchanged");
  EXPECT_EQ(sent(Kind::begin_commit_dropped, "BEGIN", query), "answer BEGIN");
  EXPECT_EQ(obstacle(Kind::begin_commit_dropped, {.sql = "BEGIN; SELECT 1; COMMIT"}), "");
  EXPECT_EQ(obstacle(Kind::begin_commit_dropped, {.sql = "SELECT 1; SELECT 2"}), "");
  EXPECT_EQ(obstacle(Kind::lock_is_noop, {.sql = "BEGIN; SELECT 1; COMMIT"}), "");
}

TEST(WireMutantTracker, IsReadAsEmptyAndWrittenAsBefore) {
  constexpr Kind kind = Kind::tracker_row_hidden;
  EXPECT_EQ(sent(kind, "SELECT version FROM applied WHERE x = 1"),
            "SELECT version FROM (SELECT * FROM applied WHERE false) AS \"applied\" WHERE x = 1");
  EXPECT_EQ(sent(kind, "SELECT a.version FROM public.\"applied\" a ORDER BY 1"),
            "SELECT a.version FROM (SELECT * FROM public.\"applied\" WHERE false) a ORDER BY 1");
  EXPECT_EQ(sent(kind, "SELECT version FROM applied AS t"),
            "SELECT version FROM (SELECT * FROM applied WHERE false) AS t");
  for (const char* sql : {"INSERT INTO applied VALUES (1)", "SELECT 1 FROM applied_lock",
                          "SELECT 'FROM applied'", "DELETE FROM applied WHERE version = 1"})
    EXPECT_EQ(sent(kind, sql), "unchanged") << sql;
}

TEST(WireMutantUnlock, ReturnsTrueAndKeepsTheLock) {
  EXPECT_EQ(sent(Kind::unlock_is_noop, "SELECT pg_advisory_unlock(1)"),
            "SELECT pg_try_advisory_lock(1)");
  EXPECT_EQ(sent(Kind::unlock_is_noop, "SELECT pg_advisory_lock(1)"), "unchanged");
}

TEST(WireMutantKey, IsAnotherOneOfEachConnection) {
  EXPECT_EQ(sent(Kind::key_per_connection, "SELECT pg_advisory_lock($1)"),
            "SELECT pg_advisory_lock((($1)::pg_catalog.int8 # 7))");
}

}  // namespace
}  // namespace gauntlet::wire_mutant
