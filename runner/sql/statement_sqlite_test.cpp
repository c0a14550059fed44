#include "runner/sql/statement_sqlite.h"

#include "runner/sql/outside_statement.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <rapidcheck.h>
#include <sqlite3.h>

namespace gauntlet::runner {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

std::vector<std::string> statements_of(std::string_view sql) {
  std::vector<std::string> texts;
  for (const Statement& statement : split_sqlite(sql).statements) texts.emplace_back(statement.sql);
  return texts;
}

TEST(SplitSqlite, EndsStatementsAtSemicolonsOutsideQuotesAndComments) {
  EXPECT_THAT(
      statements_of("SELECT ';' ; -- ;\n/* ; */ SELECT \";\", [;], `;`;;\n SELECT 3 -- end"),
      ElementsAre("SELECT ';'", "SELECT \";\", [;], `;`", "SELECT 3"));
  EXPECT_THAT(statements_of(" ; -- nothing\n/* open"), IsEmpty());
}

TEST(SplitSqlite, KeepsATriggerWhole) {
  const std::string trigger =
      "CREATE TEMP TRIGGER t AFTER INSERT ON x BEGIN SELECT 1; SELECT CASE WHEN 1 THEN 2 END; END";
  EXPECT_THAT(statements_of(trigger + "; SELECT 2;"), ElementsAre(trigger, "SELECT 2"));
  EXPECT_THAT(statements_of("EXPLAIN " + trigger + ";END"),
              ElementsAre("EXPLAIN " + trigger, "END"));
  EXPECT_THAT(statements_of("BEGIN; SELECT 1; END; CREATE TABLE trigger(x); SELECT 2"),
              ElementsAre("BEGIN", "SELECT 1", "END", "CREATE TABLE trigger(x)", "SELECT 2"));
}

TEST(SplitSqlite, TellsWhereAStatementStartsInBytes) {
  const Split split = split_sqlite("/* ä */ SELECT 1;\nSELECT 2");
  ASSERT_EQ(split.statements.size(), 2U);
  EXPECT_EQ(split.statements[0].offset, 9U);
  EXPECT_EQ(split.statements[1].offset, 19U);
}

TEST(SplitSqlite, SaysThatAQuoteIsOpen) {
  EXPECT_EQ(split_sqlite("SELECT 'x; SELECT 2").by, SplitBy::neither);
  EXPECT_EQ(split_sqlite("SELECT 'x'; SELECT 2").by, SplitBy::scanner);
}

rc::Gen<std::string> script() {
  return rc::gen::map(
      rc::gen::container<std::vector<std::string>>(rc::gen::element<std::string>(
          ";", " ", "\n", "create", "TEMP ", "temporary", "trigger", "END", "begin", "explain ",
          "'", "\"", "[", "]", "`", "--", "/*", "*/", "x", "case ", "1", "/", "-", "ä")),
      [](const std::vector<std::string>& parts) {
        std::string text;
        for (const std::string& part : parts) text += part;
        return text;
      });
}

// sqlite3_complete() says whether a text ends with its last statement's semicolon: so must we.
TEST(SplitSqlite, EndsAStatementExactlyWhereSqliteDoes) {
  const bool holds = rc::check("as sqlite3_complete()", [] {
    const std::string text = *script();
    const Split whole = split_sqlite(text);
    const std::string longer = text + "\nx";
    const Split more = split_sqlite(longer);
    const bool ended = more.by != SplitBy::neither && !more.statements.empty() &&
                       more.statements.back().sql == "x" &&
                       more.statements.size() == whole.statements.size() + 1;
    const bool complete = sqlite3_complete(text.c_str()) != 0;
    if (complete) RC_ASSERT(ended);
    if (!whole.statements.empty()) RC_ASSERT(ended == complete);
  });
  EXPECT_TRUE(holds);
}

TEST(NeedsOfSqlite, KnowsWhatCannotRunInATransaction) {
  EXPECT_EQ(needs_of_sqlite("vacuum main").no_transaction, "VACUUM");
  EXPECT_EQ(needs_of_sqlite("PRAGMA foreign_keys = off").no_transaction, "PRAGMA foreign_keys");
  EXPECT_EQ(needs_of_sqlite("pragma main.\"journal_mode\"(wal)").no_transaction,
            "PRAGMA journal_mode");
  EXPECT_EQ(needs_of_sqlite("PRAGMA wal_checkpoint").no_transaction, "PRAGMA wal_checkpoint");
  for (const char* harmless : {"PRAGMA foreign_keys", "PRAGMA user_version = 3", "ANALYZE", "", "x",
                               "PRAGMA", "PRAGMA main.", "SELECT 'VACUUM'"}) {
    EXPECT_EQ(needs_of_sqlite(harmless).no_transaction, std::nullopt) << harmless;
  }
}

TEST(NeedsOfSqlite, TellsTransactionsFromSavepoints) {
  EXPECT_EQ(needs_of_sqlite("begin immediate").transaction_control, "BEGIN");
  EXPECT_EQ(needs_of_sqlite("END").transaction_control, "COMMIT");
  EXPECT_EQ(needs_of_sqlite("ROLLBACK TRANSACTION").transaction_control, "ROLLBACK");
  for (const char* savepoint :
       {"SAVEPOINT a", "RELEASE a", "ROLLBACK TO a", "rollback transaction to a"}) {
    EXPECT_TRUE(needs_of_sqlite(savepoint).is_savepoint) << savepoint;
    EXPECT_EQ(needs_of_sqlite(savepoint).transaction_control, std::nullopt) << savepoint;
  }
}

TEST(OutsideStatementSqlite, SharesATransactionWithItsMarkUnlessItCannot) {
  const auto kind_of = [](std::string_view sql) { return outside_statement_sqlite(sql).kind; };
  EXPECT_EQ(kind_of("INSERT INTO t VALUES (1)"), OutsideStatement::Kind::framed);
  EXPECT_EQ(kind_of("PRAGMA cache_size = 1"), OutsideStatement::Kind::setting);
  EXPECT_EQ(kind_of("ATTACH 'x' AS y"), OutsideStatement::Kind::setting);
  EXPECT_EQ(kind_of("BEGIN IMMEDIATE"), OutsideStatement::Kind::control);
  EXPECT_EQ(kind_of("VACUUM"), OutsideStatement::Kind::repeatable);
  EXPECT_TRUE(outside_statement_sqlite("CREATE TEMP TABLE t(x)").makes_temporary);
  EXPECT_FALSE(outside_statement_sqlite("CREATE TABLE temp(x)").makes_temporary);
}

TEST(TableInStatement, IsTheOneThatIsDroppedOrWritten) {
  const auto dropped = [](std::string_view sql) {
    const auto table = dropped_table(sql);
    return table ? table->schema + "|" + table->name : "none";
  };
  EXPECT_EQ(dropped("DROP TABLE IF EXISTS main.\"a \"\"b\""), "main|a \"b");
  EXPECT_EQ(dropped("drop /* x */ table [t]"), "|t");
  EXPECT_EQ(dropped("DROP VIEW v"), "none");
  EXPECT_EQ(written_table("INSERT OR REPLACE INTO temp.t VALUES (1)")->table.schema, "temp");
  EXPECT_EQ(written_table("UPDATE OR REPLACE t SET x = 1")->table.name, "t");
  EXPECT_TRUE(written_table("REPLACE INTO t VALUES (1)")->says_replace);
  EXPECT_FALSE(written_table("INSERT INTO replace VALUES (1)")->says_replace);
  const auto behind =
      written_table("WITH v(a) AS (SELECT 1), w AS (VALUES (2)) REPLACE INTO t SELECT a FROM v");
  EXPECT_EQ(behind->table.name, "t");
  EXPECT_TRUE(behind->says_replace);
  EXPECT_FALSE(written_table("WITH v AS (SELECT 1) SELECT * FROM v"));
  EXPECT_FALSE(written_table("DELETE FROM t"));
}

}  // namespace
}  // namespace gauntlet::runner
