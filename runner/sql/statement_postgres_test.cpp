#include "runner/sql/statement_postgres.h"

#include "runner/sql/lexer.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <rapidcheck.h>

namespace gauntlet::runner {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

std::vector<std::string> texts(const Split& split) {
  std::vector<std::string> result;
  for (const auto& statement : split.statements) result.emplace_back(statement.sql);
  return result;
}

TEST(Split, KeepsCommentsAndSemicolonsOut) {
  const Split parts =
      split("/* a */ SELECT 1; -- b\n;;\n SELECT ';' ;\n-- c\nSELECT 3 /* d */ -- e");
  EXPECT_THAT(texts(parts), ElementsAre("SELECT 1", "SELECT ';'", "SELECT 3"));
  EXPECT_EQ(parts.by, SplitBy::parser);
}

TEST(Split, CountsOffsetsInBytes) {
  EXPECT_EQ(split("-- \xE2\x82\xAC\nSELECT 1; SELECT 2").statements.at(1).offset, 17U);
}

TEST(Split, KeepsCommentsInsideAStatement) {
  EXPECT_THAT(texts(split("SELECT /* a; */ 1 -- b;\n + 2;")),
              ElementsAre("SELECT /* a; */ 1 -- b;\n + 2"));
}

TEST(Split, FindsNothingInEmptyText) {
  EXPECT_THAT(texts(split("")), IsEmpty());
  EXPECT_THAT(texts(split(" \n-- only a comment")), IsEmpty());
  EXPECT_THAT(texts(split(";;;")), IsEmpty());
}

TEST(Split, LeavesDollarQuotedBodiesWhole) {
  EXPECT_EQ(split("DO $$ BEGIN; COMMIT; END $$; SELECT 1").statements.size(), 2U);
}

constexpr const char* atomic_function =
    "CREATE OR REPLACE FUNCTION f() RETURNS int BEGIN ATOMIC\n"
    "  SELECT CASE WHEN true THEN 1 END; SELECT 2; END; SELECT 3";

TEST(Split, LeavesTheBodyOfAnAtomicFunctionWhole) {
  const Split parts = split(atomic_function);
  EXPECT_EQ(parts.by, SplitBy::parser);
  EXPECT_EQ(parts.statements.size(), 2U);
}

TEST(Split, LeavesItWholeWhereTheGrammarIsOfNoHelp) {
  const Split parts = split(std::string("SELECT 1_000; ") + atomic_function);
  EXPECT_EQ(parts.by, SplitBy::scanner);
  EXPECT_EQ(parts.statements.size(), 3U);
}

TEST(Split, EndsNoStatementInsideBrackets) {
  EXPECT_EQ(split("SELECT 1_000; CREATE RULE r AS ON INSERT TO t DO (SELECT 1; SELECT 2); SELECT 3")
                .statements.size(),
            3U);
}

TEST(Split, TakesATableCalledBeginForATable) {
  EXPECT_EQ(split("SELECT 1_000; CREATE TABLE begin (a int); SELECT 1").statements.size(), 3U);
}

TEST(Split, FallsBackToTheScannerAtASyntaxError) {
  const Split parts = split("SELEKT 1; CREATE TABLE t (a int)");
  EXPECT_EQ(parts.by, SplitBy::scanner);
  EXPECT_THAT(texts(parts), ElementsAre("SELEKT 1", "CREATE TABLE t (a int)"));
}

TEST(Split, TakesUnfinishedTextForOneStatement) {
  for (const char* sql : {"SELECT 1; SELECT 'it; SELECT 2", "SELECT 1; /* SELECT 2"}) {
    SCOPED_TRACE(sql);
    const Split parts = split(sql);
    EXPECT_EQ(parts.by, SplitBy::neither);
    EXPECT_THAT(texts(parts), ElementsAre(sql));
  }
}

TEST(Split, PassesOverTheDataOfACopy) {
  const Split parts = split("COPY t (a) FROM stdin;\n1;it's\n\\.\nSELECT 1;");
  EXPECT_THAT(texts(parts), ElementsAre("COPY t (a) FROM stdin", "SELECT 1"));
  EXPECT_THAT(parts.psql_commands, IsEmpty());
}

TEST(Split, TakesWhatFollowsACopyWithoutDataForSql) {
  EXPECT_THAT(texts(split("COPY t FROM STDIN; SELECT 1")),
              ElementsAre("COPY t FROM STDIN", "SELECT 1"));
}

TEST(Split, PassesOverThePsqlCommands) {
  const Split parts = split("\\connect it's\nSELECT 1;\n  \\i b.sql\nSELECT 2;");
  EXPECT_THAT(texts(parts), ElementsAre("SELECT 1", "SELECT 2"));
  EXPECT_THAT(parts.psql_commands, ElementsAre(0U, 26U));
}

TEST(Split, EndsAStatementWherePsqlSendsIt) {
  const Split parts = split("SELECT 1 \\gexec\nSELECT 2 \\g\nINSERT INTO t\n\\echo x\nVALUES (1);");
  EXPECT_THAT(texts(parts),
              ElementsAre("SELECT 1", "SELECT 2", "INSERT INTO t\n\\echo x\nVALUES (1)"));
  EXPECT_THAT(parts.psql_commands, ElementsAre(9U, 25U, 42U));
}

TEST(Split, SeesNoPsqlCommandInsideQuotes) {
  EXPECT_THAT(split("SELECT 1_000, '\n\\i', $$\n\\i$$").psql_commands, IsEmpty());
}

TEST(Split, SurvivesANulByte) {
  EXPECT_EQ(split(std::string_view("SELECT 1;\0SELECT 2", 18)).by, SplitBy::scanner);
}

TEST(Split, ReadsALongScriptWithoutTheParser) {
  std::string sql = "INSERT INTO t VALUES (0)";
  while (sql.size() <= parse_bytes_max) sql += ",\n(1)";
  const std::string script = sql + "; SELECT 1";
  const Split parts = split(script);
  EXPECT_EQ(parts.by, SplitBy::scanner);
  EXPECT_TRUE(texts(parts) == (std::vector<std::string>{sql, "SELECT 1"}));
}

/// Pieces that are awkward beside one another, some of them no SQL at all.
rc::Gen<std::string> awkward_sql() {
  const std::vector<std::string> pieces = {"SELECT 1",
                                           ";",
                                           "\n",
                                           " ",
                                           "-- c\n",
                                           "/* c; */",
                                           "'a;b'",
                                           "$$x;y$$",
                                           "\"q;\"",
                                           "(",
                                           ")",
                                           "'",
                                           "/*",
                                           "\\i x\n",
                                           "BEGIN",
                                           "END",
                                           "CREATE FUNCTION f() RETURNS int",
                                           "BEGIN ATOMIC",
                                           "COPY t FROM stdin;\n",
                                           "\\.\n",
                                           "\xE9",
                                           "caf\xC3\xA9"};
  return rc::gen::map(rc::gen::container<std::vector<std::string>>(rc::gen::elementOf(pieces)),
                      [](const std::vector<std::string>& chosen) {
                        std::string sql;
                        for (const auto& piece : chosen) sql += piece + " ";
                        return sql;
                      });
}

bool is_between_statements(std::string_view gap) {
  Lexer lexer(gap);
  while (const auto token = lexer.next())
    if (token->kind != Token::Kind::comment && token->kind != Token::Kind::semicolon) return false;
  return true;
}

TEST(Split, GivesStatementsInOrderAndInsideTheText) {
  EXPECT_TRUE(rc::check("statements lie in order, apart, trimmed, inside the text", [] {
    const std::string sql = *awkward_sql();
    std::size_t at = 0;
    for (const auto& statement : split(sql).statements) {
      RC_ASSERT(statement.offset >= at);
      RC_ASSERT(!statement.sql.empty());
      RC_ASSERT(statement.sql.data() == sql.data() + statement.offset);
      RC_ASSERT(std::string_view(" \n").find(statement.sql.front()) == std::string_view::npos);
      at = statement.offset + statement.sql.size();
      RC_ASSERT(at <= sql.size());
    }
  }));
}

TEST(Split, LosesNothingButCommentsAndSemicolons) {
  EXPECT_TRUE(rc::check("between statements there is nothing to run", [] {
    const std::string sql = *awkward_sql();
    const Split parts = split(sql);
    // Data and psql's own lines lie between statements on purpose.
    RC_PRE(parts.psql_commands.empty() && sql.find("stdin") == std::string::npos);
    std::size_t at = 0;
    for (const auto& statement : parts.statements) {
      RC_ASSERT(is_between_statements(std::string_view(sql).substr(at, statement.offset - at)));
      at = statement.offset + statement.sql.size();
    }
    RC_ASSERT(is_between_statements(std::string_view(sql).substr(at)));
  }));
}

TEST(Split, FindsExactlyTheStatementsThatWereJoined) {
  EXPECT_TRUE(rc::check("what was joined by semicolons is split at them", [] {
    const auto chosen = *rc::gen::container<std::vector<std::string>>(rc::gen::element<std::string>(
        "SELECT ';'", "DO $$ a; b $$", "CREATE TABLE \"a;b\" ()", "SELECT 1 /* ; */ + 1",
        "SELECT 0x1F", "MERGE INTO t USING s ON (a = b) WHEN MATCHED THEN DELETE"));
    std::string sql;
    for (const auto& statement : chosen) sql += " -- c;\n" + statement + " /* d; */;";
    RC_ASSERT(texts(split(sql)) == chosen);
  }));
}

TEST(ParseToJson, GivesTheTreeOfAStatement) {
  EXPECT_THAT(parse_to_json("VACUUM").value_or(""), testing::HasSubstr("VacuumStmt"));
}

TEST(ParseToJson, RefusesWhatTheGrammarRefuses) {
  EXPECT_EQ(parse_to_json("SELEKT"), std::nullopt);
  EXPECT_EQ(parse_to_json("SELECT '\xFF'"), std::nullopt);
  EXPECT_EQ(parse_to_json(std::string_view("SELECT 1\0", 9)), std::nullopt);
}

std::string repeated(std::string_view piece, std::size_t times) {
  std::string result;
  for (std::size_t i = 0; i < times; ++i) result += piece;
  return result;
}

TEST(ParseToJson, RefusesATreeThatIsTooDeepForTheStack) {
  for (const char* piece : {"+1", " UNION SELECT 1", "::text", " AND a = (1)", " JOIN t ON true"}) {
    SCOPED_TRACE(piece);
    EXPECT_EQ(parse_to_json("SELECT 1 FROM t WHERE a" + repeated(piece, 60'000)), std::nullopt);
  }
  EXPECT_EQ(parse_to_json("SELECT " + repeated("(", 500'000)), std::nullopt);
}

TEST(ParseToJson, TakesALongListForShallow) {
  EXPECT_TRUE(
      parse_to_json("INSERT INTO t VALUES (1, -2, now())" + repeated(", (1, -2, now())", 10'000)));
}

TEST(Directives, ReadTheHeader) {
  const auto directives = directives_of("/* a */\n-- b\n--  gauntlet:no-transaction \r\nVACUUM;");
  EXPECT_TRUE(directives.no_transaction);
  EXPECT_THAT(directives.unknown, IsEmpty());
}

TEST(Directives, EndWithTheFirstStatement) {
  EXPECT_FALSE(directives_of("SELECT 1;\n-- gauntlet: no-transaction").no_transaction);
}

TEST(Directives, TellWhatTheyDoNotKnow) {
  const auto directives = directives_of("-- gauntlet: no_transaction\n-- gauntlet:\nSELECT 1");
  EXPECT_FALSE(directives.no_transaction);
  EXPECT_THAT(directives.unknown, ElementsAre("no_transaction", ""));
}

TEST(Directives, AreNotSeenInProse) {
  EXPECT_THAT(directives_of("-- see gauntlet: no-transaction\n/* -- gauntlet: x */").unknown,
              IsEmpty());
}

TEST(Directives, AreFoundInAnyHeaderAndNowhereElse) {
  EXPECT_TRUE(rc::check("what stands before the first statement decides", [] {
    const auto lines = rc::gen::container<std::vector<std::string>>(
        rc::gen::element<std::string>("-- a", "", "/* -- gauntlet: no-transaction */",
                                      "  -- see gauntlet: x", "/* b\n c */", "\t", "-- é;"));
    const std::string end = *rc::gen::element<std::string>("\n", "\r\n");
    const auto header = *rc::gen::pair(lines, lines);
    const bool marked = *rc::gen::arbitrary<bool>();
    std::string sql;
    for (const auto& line : header.first) sql += line + end;
    if (marked)
      sql += *rc::gen::element<std::string>("-- gauntlet: no-transaction",
                                            "--gauntlet:no-transaction ") +
             end;
    for (const auto& line : header.second) sql += line + end;
    sql += "SELECT 1;" + end + "-- gauntlet: no-transaction" + end + "-- gauntlet: nonsense";
    const Directives found = directives_of(sql);
    RC_ASSERT(found.no_transaction == marked);
    RC_ASSERT(found.unknown.empty());
  }));
}

TEST(Directives, AreReadFromAnyBytes) {
  EXPECT_TRUE(rc::check("no text is too odd", [](const std::string& sql) {
    RC_ASSERT(directives_of("-- gauntlet: no-transaction\n" + sql).no_transaction);
  }));
}

}  // namespace
}  // namespace gauntlet::runner
