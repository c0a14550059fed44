#include "harness/verify/failure.h"

#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace gauntlet::verify {
namespace {

runner::ServerMessage said(const std::string& sqlstate, std::optional<std::size_t> position = {}) {
  return {.sqlstate = sqlstate,
          .message = "no",
          .detail = "d",
          .hint = "h",
          .context = "",
          .position = position};
}

runner::Migration migration(const std::string& sql) {
  runner::Migration made;
  made.version.number = 4;
  made.name = "x";
  made.up.file = "m/004_x.up.sql";
  made.up.bytes = sql;
  return made;
}

TEST(Failure, TakesThePrefixOffTheServersPosition) {
  const auto broken = migration("SELECT 'ä',\n oops;");
  const runner::SqlError error(said("42703", 6 + 14), 1);

  const core::Finding finding = failure_finding(
      broken, error, {.prefix_characters = 6, .prefix_statements = 1, .part = broken.up.sql()});

  EXPECT_EQ(finding.id, "migration-fails");
  EXPECT_EQ(finding.where.line, 2);
  EXPECT_EQ(finding.where.column, 2);
}

TEST(Failure, AddsTheOffsetOfAStatementSentAlone) {
  const auto broken = migration("SELECT 'ä';\nSELECT oops;");
  const runner::SqlError error(said("42703", 8), 0);

  const core::Finding finding =
      failure_finding(broken, error, {.offset = 13, .part = broken.up.sql().substr(13)});

  EXPECT_EQ(finding.where.line, 2);
  EXPECT_EQ(finding.where.column, 8);
}

TEST(Failure, CountsCompletedStatementsWhereThereIsNoPosition) {
  const auto broken = migration("SELECT 1;\n  SELECT 1/0;");
  const runner::SqlError error(said("22012"), 2);

  const core::Finding finding =
      failure_finding(broken, error, {.prefix_statements = 1, .part = broken.up.sql()});

  EXPECT_EQ(finding.where.line, 2);
  EXPECT_EQ(finding.where.column, 3);
}

TEST(Failure, PutsAnErrorBehindTheTextAtItsEnd) {
  const auto broken = migration("SELECT (1");
  const runner::SqlError error(said("42601", 6 + 12), 0);

  const core::Finding finding =
      failure_finding(broken, error, {.prefix_characters = 6, .part = broken.up.sql()});

  EXPECT_EQ(finding.where.line, 1);
  EXPECT_EQ(finding.where.column, 10);
}

TEST(Failure, TellsAConstraintThatFailsAfterTheFile) {
  const auto broken = migration("SELECT 1; SELECT 2");
  const runner::SqlError error(said("23503"), 3);

  const core::Finding finding =
      failure_finding(broken, error, {.prefix_statements = 1, .part = broken.up.sql()});

  EXPECT_EQ(finding.id, "constraint-fails-at-commit");
}

TEST(Failure, TellsSqlstateDetailAndHint) {
  EXPECT_EQ(told(said("42703")), "no (SQLSTATE 42703); detail: d; hint: h");
}

TEST(Failure, TellsWhatAFileSentByStatementLeaves) {
  const auto broken = migration("CREATE INDEX CONCURRENTLY i ON t (a); SELECT oops");
  const runner::SqlError error(said("42703"), 0);

  const core::Finding finding =
      failure_finding(broken, error, {.part = broken.up.sql(), .statement = 3, .statements = 3},
                      {.invalid_indexes = {"public.t_j"}});

  EXPECT_THAT(finding.message,
              testing::HasSubstr("statement 3 of 3 failed, the 2 before it stay, and an INVALID "
                                 "index public.t_j"));
  EXPECT_THAT(finding.fix, testing::HasSubstr("DROP INDEX CONCURRENTLY public.t_j"));
  EXPECT_THAT(finding.fix, testing::Not(testing::HasSubstr("nothing of it was kept")));
}

std::string fix_for(const std::string& sqlstate, const std::string& message,
                    const Around& around = {}) {
  const auto broken = migration("SELECT 1");
  const runner::SqlError error({.sqlstate = sqlstate, .message = message}, 0);
  return failure_finding(broken, error, {.part = broken.up.sql()}, around).fix;
}

TEST(Remedy, IsThatOfTheSqlstate) {
  EXPECT_THAT(fix_for("55006", "no"), testing::HasSubstr("SET CONSTRAINTS ALL IMMEDIATE"));
  EXPECT_THAT(fix_for("2D000", "no"), testing::HasSubstr("-- gauntlet: no-transaction"));
  EXPECT_THAT(fix_for("42501", "no", {.role = "app"}), testing::HasSubstr("role app"));
  EXPECT_THAT(fix_for("57014", "no", {.own_timeout = "60ms"}),
              testing::HasSubstr("SET statement_timeout = 0"));
  EXPECT_THAT(fix_for("42601", "no", {.server_version = "15.20", .is_ephemeral = true}),
              testing::HasSubstr("PostgreSQL 15.20, which does not know this syntax: choose"));
}

TEST(Remedy, OfWhatNoFileCreatesIsInitSql) {
  for (const auto& [code, message] : std::vector<std::pair<std::string, std::string>>{
           {"3F000", "schema \"app\" does not exist"},
           {"42704", "type \"citext\" does not exist"},
           {"42883", "function earth(int) does not exist"},
           {"42P01", "relation \"a.b\" does not exist"}}) {
    SCOPED_TRACE(code);
    EXPECT_THAT(fix_for(code, message), testing::HasSubstr("--init-sql"));
  }
}

TEST(Remedy, NamesTheFileOutsideTheFolderThatCreatesIt) {
  EXPECT_THAT(
      fix_for("3F000", "schema \"app\" does not exist", {.base_file = {.file = "../schema.sql"}}),
      testing::HasSubstr("../schema.sql does: if that runs before the first migration, give "
                         "it to --init-sql"));
}

TEST(Remedy, OfWhatAFileCreatesIsTheFile) {
  const std::vector<runner::Migration> all = {migration("CREATE TABLE b(i int)")};

  EXPECT_EQ(fix_for("42P01", "relation \"b\" does not exist", {.all = all}),
            "correct 004_x.up.sql; nothing of it was kept");
}

TEST(Failure, BlamesTheMigrationOnlyForWhatIsItsOwn) {
  EXPECT_EQ(blame(said("42703")), Blame::migration);
  EXPECT_EQ(blame(said("23503")), Blame::migration);
  EXPECT_EQ(blame(said("58P01")), Blame::migration);
  EXPECT_EQ(blame(said("55P03")), Blame::lock);
  EXPECT_EQ(blame(said("57014")), Blame::timeout);
  EXPECT_EQ(blame(said("40P01")), Blame::server);
  EXPECT_EQ(blame(said("53100")), Blame::server);
  EXPECT_EQ(blame(said("53200")), Blame::server);
  EXPECT_EQ(blame(said("25001")), Blame::migration);
  EXPECT_EQ(blame(said("57P01")), Blame::server);
  EXPECT_EQ(blame(said("")), Blame::server);
}

TEST(Failure, LetsWhatASharedTransactionForbidsBeTriedAlone) {
  for (const char* code : {"25001", "25006", "55P04", "2D000", "53200"}) {
    SCOPED_TRACE(code);
    EXPECT_TRUE(may_pass_alone(said(code)));
  }
  EXPECT_FALSE(may_pass_alone(said("42703")));
}

TEST(Reason, PutsAnErrorOnOneLine) {
  const runner::Error error("needs-createdb", "the role may not create databases", "role poor",
                            "use `--database ephemeral`");

  EXPECT_EQ(reason_of(error),
            "the role may not create databases (role poor); use `--database ephemeral`");
}

}  // namespace
}  // namespace gauntlet::verify
