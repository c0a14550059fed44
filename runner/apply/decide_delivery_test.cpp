#include "runner/apply/decide_delivery.h"

#include "runner/postgres.h"
#include "runner/sqlite.h"
#include "runner/values/error.h"

#include <gtest/gtest.h>

namespace gauntlet::runner {
namespace {

Migration of(const std::string& sql) {
  Migration migration;
  migration.version = {1};
  migration.name = "a";
  migration.up = {.file = "1_a.up.sql", .bytes = sql, .checksum = {}};
  return migration;
}

// The delivery's number, or the code of the refusal.
std::string decided(const std::string& sql, NoTransaction mode) {
  try {
    return std::to_string(
        static_cast<int>(delivery_of(of(sql), mode, Direction::up, postgres_dialect())));
  } catch (const Error& error) {
    return error.code();
  }
}

const std::string in_transaction = "0", by_statement = "1", whole_file = "2";
const std::string index_sql = "CREATE INDEX CONCURRENTLY i ON t(x)";
const std::string marked = "-- gauntlet: no-transaction\n";

TEST(Delivery, PutsAnOrdinaryFileInATransaction) {
  for (const auto mode :
       {NoTransaction::directive, NoTransaction::automatic, NoTransaction::whole_file}) {
    EXPECT_EQ(decided("CREATE TABLE t(x int); SAVEPOINT s; ROLLBACK TO s", mode), in_transaction);
    EXPECT_EQ(decided("", mode), in_transaction);
  }
}

TEST(Delivery, TakesAMarkedFileStatementByStatement) {
  EXPECT_EQ(decided(marked + index_sql, NoTransaction::directive), by_statement);
  EXPECT_EQ(decided(marked + "BEGIN; COMMIT", NoTransaction::automatic), by_statement);
}

TEST(Delivery, NeedsTheDirectiveUnlessTold) {
  EXPECT_EQ(decided(index_sql, NoTransaction::directive), "needs-no-transaction");
  EXPECT_EQ(decided(index_sql, NoTransaction::automatic), by_statement);
  EXPECT_EQ(decided(index_sql + "; SELECT 1", NoTransaction::automatic), "needs-no-transaction");
}

TEST(Delivery, RefusesTransactionControlInATransaction) {
  EXPECT_EQ(decided("BEGIN; SELECT 1; COMMIT", NoTransaction::directive), "transaction-control");
  EXPECT_EQ(decided("ROLLBACK", NoTransaction::automatic), "transaction-control");
}

TEST(Delivery, SendsWholeWhatCannotBeWrapped) {
  EXPECT_EQ(decided(index_sql, NoTransaction::whole_file), whole_file);
  EXPECT_EQ(decided("BEGIN; SELECT 1; COMMIT", NoTransaction::whole_file), whole_file);
  EXPECT_EQ(decided(marked + "SELECT 1", NoTransaction::whole_file), in_transaction);
}

TEST(Delivery, SendsWholeAFileThatOnlyCallsAProcedureWhichMayCommit) {
  const std::string call = "CALL backfill()", loop = "DO $$ BEGIN COMMIT; END $$",
                    block = "DO $$ BEGIN PERFORM committed FROM t; END $$";
  EXPECT_EQ(decided(call, NoTransaction::whole_file), whole_file);
  EXPECT_EQ(decided(loop, NoTransaction::whole_file), whole_file);
  EXPECT_EQ(decided(block, NoTransaction::whole_file), in_transaction);
  EXPECT_EQ(decided(call + "; SELECT 1", NoTransaction::whole_file), in_transaction);
  for (const auto mode : {NoTransaction::directive, NoTransaction::automatic}) {
    EXPECT_EQ(decided(call, mode), in_transaction);
    EXPECT_EQ(decided(loop, mode), in_transaction);
  }
}

TEST(Delivery, RefusesACopyFromStdinInEveryMode) {
  for (const auto mode :
       {NoTransaction::directive, NoTransaction::automatic, NoTransaction::whole_file}) {
    EXPECT_EQ(decided("COPY t FROM STDIN", mode), "copy-from-stdin");
    EXPECT_EQ(decided(marked + "COPY t FROM STDIN", mode), "copy-from-stdin");
  }
}

TEST(Delivery, RefusesCommandsOfPsqlInEveryMode) {
  for (const auto mode :
       {NoTransaction::directive, NoTransaction::automatic, NoTransaction::whole_file}) {
    EXPECT_EQ(decided("SELECT 1;\n\\i x.sql\nSELECT 2", mode), "psql-command");
    EXPECT_EQ(decided(marked + "SELECT 'CREATE TABLE t()' \\gexec\n", mode), "psql-command");
    EXPECT_EQ(decided(marked + "SELECT E'\\\\g', '\n\\i x', $$\n\\copy$$", mode),
              mode == NoTransaction::whole_file ? in_transaction : by_statement);
  }
}

TEST(UnknownDirectives, AreThoseThatNobodyUnderstands) {
  EXPECT_EQ(unknown_directives(
                of("-- gauntlet: no-transactions\n-- gauntlet: ignore some-id why\nSELECT 1"),
                postgres_dialect())
                .size(),
            1U);
}

TEST(UnknownDirectives, HoldRebuildOnlyOnPostgres) {
  const Migration rebuild = of("-- gauntlet: rebuild\nSELECT 1");
  EXPECT_EQ(unknown_directives(rebuild, postgres_dialect()).size(), 1U);
  EXPECT_TRUE(unknown_directives(rebuild, sqlite_dialect()).empty());
}

TEST(Delivery, RefusesRebuildBesideNoTransaction) {
  EXPECT_EQ(decided("-- gauntlet: rebuild\n" + marked + "SELECT 1", NoTransaction::directive),
            "contradicting-directives");
}

}  // namespace
}  // namespace gauntlet::runner
