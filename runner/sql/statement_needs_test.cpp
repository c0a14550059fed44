#include "runner/sql/statement_postgres.h"

#include <gtest/gtest.h>

namespace gauntlet::runner {
namespace {

struct Case {
  std::string_view sql;
  std::string_view words;
};

void PrintTo(const Case& c, std::ostream* out) { *out << c.sql; }

/// A tail that no grammar takes: what is left are the first words.
std::string beyond_the_grammar(std::string_view sql) { return std::string(sql) + " = 1_000 @@@ )"; }

class NoTransaction : public testing::TestWithParam<Case> {};

TEST_P(NoTransaction, IsToldByTheTree) {
  const StatementNeeds needs = needs_of(GetParam().sql);
  EXPECT_EQ(needs.no_transaction, GetParam().words);
  EXPECT_FALSE(needs.guessed);
}

INSTANTIATE_TEST_SUITE_P(
    Statements, NoTransaction,
    testing::Values(
        Case{"CREATE INDEX CONCURRENTLY i ON t (a)", "CREATE INDEX CONCURRENTLY"},
        Case{"create unique index concurrently if not exists i on t (a)",
             "CREATE INDEX CONCURRENTLY"},
        Case{"DROP INDEX CONCURRENTLY IF EXISTS i", "DROP INDEX CONCURRENTLY"},
        Case{"REINDEX INDEX CONCURRENTLY i", "REINDEX CONCURRENTLY"},
        Case{"REINDEX (CONCURRENTLY) TABLE t", "REINDEX CONCURRENTLY"},
        Case{"REINDEX (CONCURRENTLY true) TABLE t", "REINDEX CONCURRENTLY"},
        Case{"REINDEX SCHEMA s", "REINDEX SCHEMA"}, Case{"REINDEX DATABASE d", "REINDEX DATABASE"},
        Case{"REINDEX SYSTEM d", "REINDEX SYSTEM"}, Case{"VACUUM", "VACUUM"},
        Case{"VACUUM (ANALYZE) t", "VACUUM"}, Case{"ALTER SYSTEM SET a = 1", "ALTER SYSTEM"},
        Case{"CREATE DATABASE d", "CREATE DATABASE"}, Case{"DROP DATABASE d", "DROP DATABASE"},
        Case{"ALTER DATABASE d SET TABLESPACE s", "ALTER DATABASE SET TABLESPACE"},
        Case{"CREATE TABLESPACE s LOCATION '/s'", "CREATE TABLESPACE"},
        Case{"DROP TABLESPACE s", "DROP TABLESPACE"}, Case{"CLUSTER", "CLUSTER"},
        Case{"CLUSTER VERBOSE", "CLUSTER"}, Case{"DISCARD ALL", "DISCARD ALL"},
        Case{"ALTER TABLE t DETACH PARTITION p CONCURRENTLY",
             "ALTER TABLE DETACH PARTITION CONCURRENTLY"},
        Case{"CREATE SUBSCRIPTION s CONNECTION 'c' PUBLICATION p", "CREATE SUBSCRIPTION"},
        Case{"DROP SUBSCRIPTION s", "DROP SUBSCRIPTION"},
        Case{"ALTER SUBSCRIPTION s REFRESH PUBLICATION", "ALTER SUBSCRIPTION REFRESH"},
        Case{"ALTER SUBSCRIPTION s SET PUBLICATION p", "ALTER SUBSCRIPTION with refresh"},
        Case{"COMMIT PREPARED 'g'", "COMMIT PREPARED"},
        Case{"ROLLBACK PREPARED 'g'", "ROLLBACK PREPARED"}));

class Transactional : public testing::TestWithParam<std::string_view> {};

TEST_P(Transactional, NeedsNothing) {
  const StatementNeeds needs = needs_of(GetParam());
  EXPECT_EQ(needs.no_transaction, std::nullopt);
  EXPECT_EQ(needs.transaction_control, std::nullopt);
  EXPECT_FALSE(needs.copies_from_stdin || needs.is_savepoint || needs.guessed);
}

INSTANTIATE_TEST_SUITE_P(
    Statements, Transactional,
    testing::Values("CREATE INDEX concurrently_i ON t (a)",
                    "CREATE INDEX \"concurrently\" ON t (a)", "DROP INDEX i", "REINDEX TABLE t",
                    "REINDEX (CONCURRENTLY false) TABLE t", "ANALYZE t", "CLUSTER t USING i",
                    "DISCARD TEMP", "ALTER DATABASE d SET a = 1",
                    "ALTER TABLE t DETACH PARTITION p", "ALTER TABLE t DETACH PARTITION p FINALIZE",
                    "ALTER TYPE e ADD VALUE 'x'", "REFRESH MATERIALIZED VIEW CONCURRENTLY m",
                    "CREATE SUBSCRIPTION s CONNECTION 'c' PUBLICATION p WITH (connect = false)",
                    "CREATE SUBSCRIPTION s CONNECTION 'c' PUBLICATION p WITH (create_slot = false)",
                    "ALTER SUBSCRIPTION s SET PUBLICATION p WITH (refresh = false)",
                    "ALTER SUBSCRIPTION s SET (slot_name = NONE)", "COPY t FROM '/tmp/x'",
                    "COPY t TO STDOUT", "COPY t FROM PROGRAM 'x'", "DO $$ BEGIN COMMIT; END $$",
                    "SELECT 'VACUUM; BEGIN'", "INSERT INTO t VALUES (1_000)", "",
                    "CREATE FUNCTION f() RETURNS int BEGIN ATOMIC SELECT 1; END"));

class Control : public testing::TestWithParam<Case> {};

TEST_P(Control, IsToldByTheTree) {
  EXPECT_EQ(needs_of(GetParam().sql).transaction_control, GetParam().words);
}

INSTANTIATE_TEST_SUITE_P(Statements, Control,
                         testing::Values(Case{"BEGIN", "BEGIN"},
                                         Case{"BEGIN ISOLATION LEVEL SERIALIZABLE", "BEGIN"},
                                         Case{"START TRANSACTION", "START TRANSACTION"},
                                         Case{"COMMIT", "COMMIT"}, Case{"END", "COMMIT"},
                                         Case{"ROLLBACK", "ROLLBACK"}, Case{"ABORT", "ROLLBACK"},
                                         Case{"COMMIT AND CHAIN", "COMMIT AND CHAIN"},
                                         Case{"PREPARE TRANSACTION 'g'", "PREPARE TRANSACTION"},
                                         Case{"COMMIT PREPARED 'g'", "COMMIT PREPARED"}));

class Savepoint : public testing::TestWithParam<std::string_view> {};

TEST_P(Savepoint, ControlsNoTransaction) {
  for (const auto& sql : {std::string(GetParam()), beyond_the_grammar(GetParam())}) {
    SCOPED_TRACE(sql);
    EXPECT_TRUE(needs_of(sql).is_savepoint);
    EXPECT_EQ(needs_of(sql).transaction_control, std::nullopt);
  }
}

INSTANTIATE_TEST_SUITE_P(Statements, Savepoint,
                         testing::Values("SAVEPOINT a", "RELEASE a", "RELEASE SAVEPOINT a",
                                         "ROLLBACK TO a", "ROLLBACK WORK TO SAVEPOINT a"));

class Guess : public testing::TestWithParam<Case> {};

TEST_P(Guess, IsMadeFromTheFirstWords) {
  const StatementNeeds needs = needs_of(beyond_the_grammar(GetParam().sql));
  EXPECT_TRUE(needs.guessed);
  EXPECT_EQ(needs.no_transaction.value_or("") + needs.transaction_control.value_or(""),
            GetParam().words);
}

INSTANTIATE_TEST_SUITE_P(
    Statements, Guess,
    testing::Values(
        Case{"CREATE /* c */ INDEX CONCURRENTLY i ON t (a)", "CREATE INDEX CONCURRENTLY"},
        Case{"CREATE UNIQUE INDEX CONCURRENTLY i ON t (a)", "CREATE INDEX CONCURRENTLY"},
        Case{"CREATE INDEX \"CONCURRENTLY\" ON t (a)", ""},
        Case{"DROP INDEX CONCURRENTLY i", "DROP INDEX CONCURRENTLY"},
        Case{"REINDEX (VERBOSE) SCHEMA s", "REINDEX SCHEMA"},
        Case{"REINDEX TABLE CONCURRENTLY t", "REINDEX CONCURRENTLY"},
        Case{"VACUUM (NEW) t", "VACUUM"}, Case{"ALTER SYSTEM SET a", "ALTER SYSTEM"},
        Case{"CREATE DATABASE d", "CREATE DATABASE"},
        Case{"ALTER DATABASE d SET TABLESPACE s", "ALTER DATABASE SET TABLESPACE"},
        Case{"ALTER DATABASE d SET a", ""}, Case{"DISCARD ALL", "DISCARD ALL"},
        Case{"ALTER TABLE t DETACH PARTITION p CONCURRENTLY",
             "ALTER TABLE DETACH PARTITION CONCURRENTLY"},
        Case{"ALTER TABLE t ADD concurrently int", ""}, Case{"BEGIN", "BEGIN"},
        Case{"START TRANSACTION", "START TRANSACTION"}, Case{"END", "COMMIT"},
        Case{"ABORT", "ROLLBACK"}, Case{"CREATE TABLE t (VACUUM int)", ""}));

TEST(Needs, GuessThatACopyReadsItsInput) {
  EXPECT_TRUE(needs_of("COPY t FROM stdin WITH (ON_ERROR = 1_000 @@@ )").copies_from_stdin);
}

TEST(Needs, ToldByTheTreeThatACopyReadsItsInput) {
  EXPECT_TRUE(needs_of("COPY t (a, b) FROM STDIN WITH CSV").copies_from_stdin);
}

TEST(Needs, OfAHugeInsertAreCertain) {
  const StatementNeeds needs =
      needs_of("INSERT INTO t VALUES ('" + std::string(parse_bytes_max, 'x') + "')");
  EXPECT_FALSE(needs.guessed || needs.no_transaction);
}

TEST(Needs, OfBytesThatAreNoTextAreNone) {
  const StatementNeeds needs = needs_of(std::string_view("\xFF\0\x80 VACUUM", 10));
  EXPECT_TRUE(needs.guessed);
  EXPECT_EQ(needs.no_transaction, std::nullopt);
}

TEST(StatementNeeds, SayWhatMayEndATransactionInsideTheServer) {
  for (const char* sql : {"CALL fill()", "call s.fill(1, 2)", "DO $$ BEGIN COMMIT; END $$",
                          "DO LANGUAGE plpgsql $$ BEGIN rollback; END $$", "CALL = 1_000 @@@ )"})
    EXPECT_TRUE(needs_of(sql).may_end_transaction) << sql;
  for (const char* sql : {"DO $$ BEGIN RAISE NOTICE 'COMMIT'; END $$", "SELECT 1", "COMMIT",
                          "DO $$ BEGIN -- commit\n NULL; END $$", "CREATE TABLE call(x int)"})
    EXPECT_FALSE(needs_of(sql).may_end_transaction) << sql;
}

}  // namespace
}  // namespace gauntlet::runner
