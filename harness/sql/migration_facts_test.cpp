#include "harness/sql/migration_facts.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace gauntlet::sql {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::UnorderedElementsAre;

MigrationFacts facts(std::string sql) {
  return facts_of({.file = "1_a.up.sql", .bytes = std::move(sql), .checksum = {}});
}

struct Case {
  std::string_view sql, words;
};

void PrintTo(const Case& c, std::ostream* out) { *out << c.sql; }

class ClusterWide : public testing::TestWithParam<Case> {};

TEST_P(ClusterWide, IsTold) {
  EXPECT_THAT(facts(std::string(GetParam().sql)).cluster_wide,
              ElementsAre(std::string(GetParam().words)));
}

INSTANTIATE_TEST_SUITE_P(
    Statements, ClusterWide,
    testing::Values(
        Case{"CREATE USER u", "CREATE ROLE"}, Case{"DROP ROLE IF EXISTS r", "DROP ROLE"},
        Case{"ALTER ROLE r PASSWORD 'x'", "ALTER ROLE"},
        Case{"ALTER ROLE ALL IN DATABASE d SET a = 1", "ALTER ROLE SET"},
        Case{"GRANT r TO s", "GRANT of a role"},
        Case{"GRANT CONNECT ON DATABASE d TO r", "GRANT ON DATABASE"},
        Case{"CREATE DATABASE d", "CREATE DATABASE"},
        Case{"ALTER DATABASE d SET a = 1", "ALTER DATABASE SET"},
        Case{"ALTER DATABASE d OWNER TO r", "ALTER DATABASE OWNER"},
        Case{"ALTER ROLE r RENAME TO s", "ALTER ROLE RENAME"},
        Case{"COMMENT ON DATABASE d IS 'x'", "COMMENT ON DATABASE"},
        Case{"COMMENT ON ROLE r IS 'x'", "COMMENT ON ROLE"},
        Case{"DROP TABLESPACE s", "DROP TABLESPACE"}, Case{"ALTER SYSTEM RESET a", "ALTER SYSTEM"},
        Case{"REASSIGN OWNED BY a TO b", "REASSIGN OWNED"}, Case{"DROP OWNED BY a", "DROP OWNED"},
        Case{"DROP SUBSCRIPTION s", "DROP SUBSCRIPTION"},
        Case{"CREATE ROLE r NEWER 1_000 @@@ )", "CREATE ROLE"}));

class Survives : public testing::TestWithParam<Case> {};

TEST_P(Survives, IsTold) {
  EXPECT_THAT(facts(std::string(GetParam().sql)).survives_rollback,
              ElementsAre(std::string(GetParam().words)));
}

INSTANTIATE_TEST_SUITE_P(
    Statements, Survives,
    testing::Values(Case{"SELECT pg_catalog.setval('s', 1)", "setval()"},
                    Case{"INSERT INTO t SELECT NEXTVAL('s') FROM u", "nextval()"},
                    Case{"SELECT \"nextval\"('s'), nextval('s')", "nextval()"},
                    Case{"WITH a AS (SELECT pg_advisory_lock(1)) SELECT 1", "pg_advisory_lock()"},
                    Case{"COPY t TO PROGRAM 'gzip > x'", "COPY TO PROGRAM"},
                    Case{"COPY t FROM PROGRAM 'cat x'", "COPY FROM PROGRAM"},
                    Case{"COPY t TO '/tmp/x'", "COPY TO a file of the server"},
                    Case{"COPY (SELECT nextval('s')) TO STDOUT", "nextval()"},
                    Case{"ALTER TABLE t ADD COLUMN n bigint DEFAULT nextval('s')", "nextval()"},
                    Case{"CREATE TABLE t AS SELECT nextval('s')", "nextval()"},
                    Case{"EXPLAIN ANALYZE SELECT nextval('s')", "nextval()"},
                    Case{"SELECT extensions.dblink_exec('a', 'b')", "dblink_exec()"},
                    Case{"SELECT nextval('s') NEWER 1_000 @@@ )", "nextval()"}));

class Harmless : public testing::TestWithParam<std::string_view> {};

TEST_P(Harmless, HasNoEffectOutside) {
  const MigrationFacts all = facts(std::string(GetParam()));
  EXPECT_THAT(all.cluster_wide, IsEmpty());
  EXPECT_THAT(all.survives_rollback, IsEmpty());
  EXPECT_THAT(all.irrevocable, IsEmpty());
}

INSTANTIATE_TEST_SUITE_P(
    Statements, Harmless,
    testing::Values("SELECT 'nextval(1)', $$CREATE ROLE r$$ -- nextval('s')\n",
                    "CREATE TABLE t (id bigint DEFAULT nextval('s'))",
                    "ALTER TABLE t ALTER COLUMN id SET DEFAULT nextval('s')",
                    "CREATE VIEW v AS SELECT nextval('s')", "EXPLAIN SELECT nextval('s')",
                    "CREATE TABLE t AS SELECT nextval('s') WITH NO DATA",
                    "CREATE FUNCTION f() RETURNS bigint BEGIN ATOMIC SELECT nextval('s'); END",
                    "DO $$ BEGIN PERFORM nextval('s'); CREATE ROLE r; END $$",
                    "SELECT app.nextval('s'), pg_advisory_xact_lock(1)",
                    "INSERT INTO nextval (a) VALUES (1)", "COPY t FROM '/tmp/x'",
                    "GRANT SELECT ON TABLE t TO r", "ALTER TABLE t OWNER TO r",
                    "CREATE USER MAPPING FOR r SERVER s", "COMMENT ON TABLE t IS 'CREATE ROLE'",
                    "CREATE TABLE \"create role\" (a int)"));

TEST(MigrationFacts, KeepSequencesRevocable) {
  EXPECT_THAT(facts("SELECT nextval('s'), pg_advisory_lock(1)").irrevocable, IsEmpty());
}

TEST(MigrationFacts, TellWhatADryRunMustNotDo) {
  EXPECT_THAT(
      facts("COPY t TO PROGRAM 'x'; SELECT pg_reload_conf(), lo_export(1, 'x')").irrevocable,
      UnorderedElementsAre("COPY TO PROGRAM", "pg_reload_conf()", "lo_export()"));
}

TEST(MigrationFacts, NameTheRolesThatAreExpected) {
  EXPECT_THAT(
      facts("GRANT SELECT ON t TO a, PUBLIC, CURRENT_USER; ALTER TABLE t OWNER TO \"B\";"
            "SET ROLE c; SET SESSION AUTHORIZATION d; RESET ROLE; SET ROLE NONE;"
            "CREATE POLICY p ON t TO e; ALTER DEFAULT PRIVILEGES FOR ROLE f GRANT SELECT ON "
            "TABLES TO g; CREATE SCHEMA AUTHORIZATION h; GRANT i TO j; DROP ROLE IF EXISTS k")
          .roles,
      UnorderedElementsAre("a", "B", "c", "d", "e", "f", "g", "h", "i", "j"));
}

TEST(MigrationFacts, TellRolesThatAreCreated) {
  const MigrationFacts all =
      facts("CREATE ROLE a; CREATE USER b IN ROLE c; ALTER ROLE a RENAME TO d");
  EXPECT_THAT(all.roles_created, UnorderedElementsAre("a", "b", "d"));
  EXPECT_THAT(all.roles, UnorderedElementsAre("a", "c"));
}

TEST(MigrationFacts, NameExtensionsAndTheLanguagesTheyBring) {
  const MigrationFacts all = facts("CREATE EXTENSION IF NOT EXISTS plpython3u WITH SCHEMA s");
  EXPECT_THAT(all.extensions, ElementsAre("plpython3u"));
  EXPECT_THAT(all.languages_created, ElementsAre("plpython3u"));
}

TEST(MigrationFacts, FindTheExtensionsThatABlockMayCreate) {
  const auto wanted = [](const std::string& sql) { return facts(sql).extensions_in_blocks; };
  EXPECT_THAT(wanted("DO 'BEGIN CREATE EXTENSION A; EXECUTE ''create extension if not exists b'';"
                     " create extension \"C d\"; END'"),
              ElementsAre("C d", "a", "b"));
  EXPECT_THAT(wanted("DO 'BEGIN recreate extension a; create extensions b; CREATE EXTENSION'"),
              IsEmpty());
  EXPECT_THAT(wanted("DO 'create extension \"'"), IsEmpty());
  EXPECT_THAT(wanted("CREATE EXTENSION citext"), IsEmpty());
}

TEST(MigrationFacts, NameLanguages) {
  EXPECT_THAT(
      facts("CREATE FUNCTION f() RETURNS int LANGUAGE plperl AS 'x'; DO LANGUAGE plpgsql '';"
            "CREATE FUNCTION g() RETURNS int LANGUAGE sql AS 'SELECT 1'")
          .languages,
      UnorderedElementsAre("plperl", "plpgsql"));
}

TEST(MigrationFacts, NameCollations) {
  const MigrationFacts all = facts(
      "CREATE TABLE t (a text COLLATE \"de-x-icu\"); CREATE INDEX ON t (a COLLATE "
      "pg_catalog.\"C\");"
      "SELECT a COLLATE \"fr\" FROM t; CREATE COLLATION c FROM \"sv_SE\"");
  EXPECT_THAT(all.collations, UnorderedElementsAre("de-x-icu", "C", "fr", "sv_SE"));
  EXPECT_THAT(all.collations_created, ElementsAre("c"));
}

TEST(MigrationFacts, SayWhereEachStatementStands) {
  const auto statements = facts("\xEF\xBB\xBFSELECT 1;\n  -- c\n  SELECT\n   2;").statements;
  ASSERT_EQ(statements.size(), 2U);
  EXPECT_EQ(statements[0].place, (runner::Place{1, 1}));
  EXPECT_EQ(statements[1].place, (runner::Place{3, 3}));
  EXPECT_EQ(statements[1].words, "SELECT 2");
}

TEST(MigrationFacts, ShortenWordsBetweenCharacters) {
  std::string word;
  for (int i = 0; i < 50; ++i) word += "\xE2\x82\xAC";
  EXPECT_EQ(facts("SELECT '" + word + "'").statements.at(0).words.substr(0, 11),
            "SELECT '\xE2\x82\xAC");
  EXPECT_LE(facts("SELECT '" + word + "'").statements.at(0).words.size(), 64U);
}

TEST(MigrationFacts, SayWherePsqlCommandsStand) {
  EXPECT_THAT(facts("SELECT 1;\n  \\i x\n").psql_commands, ElementsAre(runner::Place{2, 3}));
}

TEST(MigrationFacts, OfBytesThatAreNoTextAreEmpty) {
  const MigrationFacts all = facts(std::string("\xFF\0\x80'", 4));
  EXPECT_EQ(all.split_by, runner::SplitBy::neither);
  EXPECT_THAT(all.roles, IsEmpty());
}

}  // namespace
}  // namespace gauntlet::sql
