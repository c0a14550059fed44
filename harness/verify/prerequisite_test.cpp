// Real histories need what their servers have: that is told with its remedy and accuses nobody. The
// same failure without such a cause stays a finding.
#include "harness/verify/prerequisite.h"

#include "harness/verify/test_ground.h"

#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace gauntlet::verify::test {
namespace {

using core::Verdict;
using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;

void expect_unknown_in(const Folder& folder, const std::string& reason) {
  for (const char* check : {"dry-run", "boot"}) {
    SCOPED_TRACE(check);
    const core::Result result = judge(options_for(folder, "ephemeral"), check);
    EXPECT_EQ(result.judgement.verdict, Verdict::unknown) << told_by(result);
    EXPECT_THAT(result.judgement.reason, HasSubstr(reason));
  }
}

TEST(Prerequisite, NamesTheExtensionThatNoFileCreates) {
  Folder folder;
  folder.add("001_t.up.sql", "CREATE TABLE t (name text);\n")
      .add("002_i.up.sql", "CREATE INDEX i ON t USING gin (name gin_trgm_ops);\n");
  expect_unknown_in(folder, "give a file with `CREATE EXTENSION \"pg_trgm\"` to --init-sql");
}

TEST(Prerequisite, AccusesAFileThatUsesAnExtensionBeforeAnotherFileCreatesIt) {
  Folder folder;
  folder.add("001_t.up.sql", "CREATE TABLE t (id uuid DEFAULT uuid_generate_v4());\n")
      .add("002_e.up.sql", "CREATE EXTENSION \"uuid-ossp\";\n");
  EXPECT_THAT(ids_of(judge(options_for(folder, "ephemeral"), "dry-run")),
              ElementsAre("migration-fails"));
}

constexpr const char* stops_without =
    "DO $$ BEGIN\n"
    "  IF NOT EXISTS (SELECT 1 FROM pg_extension WHERE extname = 'timescaledb') THEN\n"
    "    RAISE EXCEPTION 'install it first';\n"
    "  END IF;\nEND $$;\n";

TEST(Prerequisite, IsUnknownWhereAFileStopsWithoutItsExtension) {
  Folder folder;
  folder.add("001_t.up.sql", stops_without);
  expect_unknown_in(folder, "stops where the extension \"timescaledb\" is not there");
}

TEST(Prerequisite, AccusesAFileThatStopsForAnotherReason) {
  Folder folder;
  folder.add("001_t.up.sql", "DO $$ BEGIN RAISE EXCEPTION 'no rows'; END $$;\n");
  EXPECT_THAT(ids_of(judge(options_for(folder, "ephemeral"), "dry-run")),
              ElementsAre("migration-fails"));
}

TEST(Prerequisite, NamesTheServerThatKnowsLaterSyntax) {
  Folder folder;
  folder.add("001_t.up.sql", "SELECT uuidv7();\n");
  const core::Result result = judge(options_for(folder, "ephemeral"), "dry-run");
  const bool is_that_new = std::stoi(GivenServer().value("SHOW server_version_num")) >= 180'000;
  EXPECT_EQ(result.judgement.verdict, is_that_new ? Verdict::holds : Verdict::unknown)
      << told_by(result);
  EXPECT_THAT(result.judgement.reason,
              HasSubstr(is_that_new ? "" : "--server-version 18`, or with `--postgres DIR`"));
}

TEST(Prerequisite, IsUnknownWhereAFileUsesItsToolsOwnTracker) {
  Folder uses, another;
  uses.add("001_t.up.sql", "DELETE FROM goose_db_version WHERE version_id = 7;\n");
  expect_unknown_in(uses, "where goose records what it applied");
  another.add("001_t.up.sql", "DELETE FROM goose_versions WHERE version_id = 7;\n");
  EXPECT_THAT(ids_of(judge(options_for(another, "ephemeral"), "dry-run")),
              ElementsAre("migration-fails"));
}

TEST(Prerequisite, SaysHowATrackerInASchemaIsMade) {
  Folder folder;
  folder.add("001_s.up.sql", "CREATE SCHEMA auth;\n")
      .add("002_t.up.sql", "COMMENT ON TABLE auth.schema_migrations IS 'ours';\n");
  expect_unknown_in(folder, "`CREATE TABLE auth.schema_migrations (version bigint NOT NULL");
}

TEST(Prerequisite, NamesTheRolesOfEveryFileAtOnce) {
  Folder folder;
  folder.add("001_t.up.sql", "CREATE TABLE t (id int);\nGRANT SELECT ON t TO one;\n")
      .add("002_t.up.sql", "GRANT SELECT ON t TO two;\n");
  expect_unknown_in(folder, "no role \"one\", \"two\" on this server");
}

TEST(Prerequisite, IsUnknownForFilesOfAnotherKindOfDatabase) {
  Folder folder, twin;
  folder.add("001_t.up.sql", "CREATE TABLE t (id int AUTO_INCREMENT);\n");
  expect_unknown_in(folder, "is written for MySQL (`AUTO_INCREMENT`), and this is PostgreSQL");
  twin.add("001_t.up.sql", "CREATE TABLE t (id int);\n")
      .add("002_t.up.sql", "CREATE TABLE u (id int);\n")
      .add("003_t.up.sql", "ALTER TABLE t ADD COLUMN made datetime;\n");
  EXPECT_THAT(ids_of(judge(options_for(twin, "ephemeral"), "dry-run")),
              ElementsAre("migration-fails"));
}

TEST(Prerequisite, NamesTheSchemaThatTheSearchPathLacks) {
  Folder folder;
  folder.add("001_s.up.sql", "CREATE SCHEMA store;\nCREATE TABLE store.items (id integer);\n")
      .add("002_c.up.sql", "DO $$ BEGIN ALTER TABLE items ADD COLUMN n text; END $$;\n");
  const core::Result result = judge(options_for(folder, "ephemeral"), "dry-run");
  ASSERT_THAT(ids_of(result), ElementsAre("migration-fails"));
  EXPECT_THAT(result.judgement.findings.front().fix, HasSubstr("search_path=store,public"));
}

TEST(Prerequisite, NamesTheSchemaThatABlockAloneNames) {
  Folder folder;
  folder.add("001_s.up.sql", "CREATE SCHEMA store;\n")
      .add("002_b.up.sql", "DO $x$ BEGIN CREATE TABLE \"store\".items (id integer); END $x$;\n")
      .add("003_c.up.sql", "ALTER TABLE items ADD COLUMN n text;\n");
  const core::Result result = judge(options_for(folder, "ephemeral"), "dry-run");
  ASSERT_THAT(ids_of(result), ElementsAre("migration-fails"));
  EXPECT_THAT(result.judgement.findings.front().fix, HasSubstr("search_path=store,public"));
}

// What a later file lacks is no reason why this one fails.
TEST(Prerequisite, OfALaterFileExcusesNothing) {
  Folder folder;
  folder.add("001_s.up.sql", "CREATE TABLE app.t (id integer);\n")
      .add("002_e.up.sql", "CREATE EXTENSION no_such_extension;\n");
  for (const char* check : {"dry-run", "boot"}) {
    SCOPED_TRACE(check);
    const core::Result result = judge(options_for(folder, "ephemeral"), check);
    EXPECT_EQ(result.judgement.verdict, Verdict::violated) << told_by(result);
  }
}

TEST(SkippedSteps, ExcuseWhatNeedsThemAndNothingElse) {
  Folder needs, own;
  needs.add("00001_a.sql", "-- +goose Up\nCREATE TABLE a (x int);\n")
      .add("00002_b.go", "package migrations // goose.AddMigration\n")
      .add("00003_c.sql", "-- +goose Up\nALTER TABLE b ADD COLUMN y int;\n");
  own.add("00001_a.sql", "-- +goose Up\nALTER TABLE b ADD COLUMN y int;\n")
      .add("00002_b.go", "package migrations // goose.AddMigration\n");
  Options options = options_for(needs, "ephemeral");
  options.format = {.name = "auto"};
  for (const char* check : {"dry-run", "boot"}) {
    SCOPED_TRACE(check);
    const core::Result excused = judge(options, check);
    EXPECT_EQ(excused.judgement.verdict, Verdict::unknown) << told_by(excused);
    EXPECT_THAT(excused.judgement.reason, HasSubstr("00002_b.go is a step in code"));
  }
  options.migrations = own.path();
  EXPECT_THAT(ids_of(judge(options, "dry-run")), ElementsAre("migration-fails"));
}

Options auto_options(const Folder& folder) {
  Options options = options_for(folder, "ephemeral");
  options.format = {.name = "auto"};
  return options;
}

TEST(History, WithTwoFilesOfOneVersionIsAccusedByLintAndTriedByTheOthers) {
  Folder folder;
  folder.add("001_a.up.sql", "CREATE TABLE a (x int);\n")
      .add("002_b.up.sql", "CREATE TABLE b (x int);\n")
      .add("002_c.up.sql", "CREATE TABLE c (x int);\n")
      .add("004_d.down.sql", "DROP TABLE d;\n");
  Options options = auto_options(folder);
  EXPECT_THAT(ids_of(judge(options, "lint")),
              testing::IsSupersetOf({"duplicate-version", "down-without-up"}));
  for (const char* check : {"status", "dry-run", "boot", "replicas"}) {
    SCOPED_TRACE(check);
    const core::Result result = judge(options, check);
    EXPECT_EQ(result.judgement.verdict, Verdict::holds) << told_by(result);
    EXPECT_THAT(notes_of(result), HasSubstr("numbered anew"));
  }
}

// Which of the two the tool runs is written in its code.
TEST(History, WithTwoFilesOfOneNumberOfWhichOneFindsTheOthersWorkIsUndecided) {
  Folder folder, other;
  folder.add("001-a.sql", "CREATE TABLE a (x int);\n")
      .add("002-b.sql", "ALTER TABLE a ADD COLUMN y int;\n")
      .add("002-c.sql", "ALTER TABLE a ADD COLUMN y int;\n");
  other.add("001-a.sql", "CREATE TABLE a (x int);\n")
      .add("002-b.sql", "ALTER TABLE a ADD COLUMN y int;\n")
      .add("003-c.sql", "ALTER TABLE a ADD COLUMN y int;\n");
  for (const char* check : {"dry-run", "boot"}) {
    SCOPED_TRACE(check);
    const core::Result open = judge(auto_options(folder), check);
    EXPECT_EQ(open.judgement.verdict, Verdict::unknown) << told_by(open);
    EXPECT_THAT(open.judgement.reason, HasSubstr("002-c.sql and 002-b.sql have one number"));
    EXPECT_EQ(judge(auto_options(other), check).judgement.verdict, Verdict::violated);
  }
}

TEST(History, OfAToolThatTellsFilesApartByNameIsTriedWhereTwoHaveOneNumber) {
  Folder folder;
  folder.add("1-a.sql", "-- +migrate Up\nCREATE TABLE a (x int);\n")
      .add("2-b.sql", "-- +migrate Up\nCREATE TABLE b (x int);\n")
      .add("2-c.sql", "-- +migrate Up\nALTER TABLE b ADD COLUMN y int;\n");
  for (const char* check : {"lint", "dry-run", "boot"}) {
    SCOPED_TRACE(check);
    const core::Result result = judge(auto_options(folder), check);
    EXPECT_EQ(result.judgement.verdict, Verdict::holds) << told_by(result);
  }
}

TEST(History, MayStepOutOfItsToolsTransaction) {
  Folder folder, left_open;
  folder.add("1-a.sql", "-- +migrate Up\nCREATE TABLE a (x int);\n")
      .add("2-i.sql",
           "-- +migrate Up\nCOMMIT;\nCREATE INDEX CONCURRENTLY i ON a (x);\nBEGIN;\n"
           "INSERT INTO a VALUES (1);\n");
  for (const char* check : {"lint", "dry-run", "boot"}) {
    SCOPED_TRACE(check);
    const core::Result result = judge(auto_options(folder), check);
    EXPECT_EQ(result.judgement.verdict, Verdict::holds) << told_by(result);
  }
  left_open.add("1-a.sql", "-- +migrate Up\nBEGIN;\nCREATE TABLE a (x int);\n");
  EXPECT_NE(judge(auto_options(left_open), "dry-run").judgement.verdict, Verdict::holds);
}

TEST(History, OfPrismaRunsInTheOrderOfItsNames) {
  Folder folder;
  for (const char* step : {"20250625120000_a", "20250625_b"})
    std::filesystem::create_directory(folder.path() / step);
  folder.add("20250625120000_a/migration.sql", "CREATE TABLE a (x int);\n")
      .add("20250625_b/migration.sql", "ALTER TABLE a ADD COLUMN y int;\n");
  const core::Result result = judge(auto_options(folder), "dry-run");
  EXPECT_EQ(result.judgement.verdict, Verdict::holds) << told_by(result);
}

TEST(History, OfStepsInCodeBesideSqlSkipsThem) {
  Folder folder;
  folder.add("1_a.up.sql", "CREATE TABLE a (x int);\n")
      .add("2_b.up.go", "package migrations\n")
      .add("3_c.up.sql", "ALTER TABLE b ADD COLUMN y int;\n");
  EXPECT_EQ(judge(auto_options(folder), "lint").judgement.verdict, Verdict::holds);
  const core::Result result = judge(auto_options(folder), "dry-run");
  EXPECT_EQ(result.judgement.verdict, Verdict::unknown) << told_by(result);
  EXPECT_THAT(result.judgement.reason, HasSubstr("2_b.up.go"));
}

TEST(History, InSubFoldersIsOneFindingThatSaysWhatToDo) {
  Folder folder;
  std::filesystem::create_directory(folder.path() / "users");
  folder.add("users/00_a.sql", "SELECT 1;\n").add("users/01_b.sql", "SELECT 1;\n");
  const core::Result result = judge(auto_options(folder), "lint");
  ASSERT_THAT(ids_of(result), ElementsAre("unknown-layout")) << told_by(result);
  EXPECT_THAT(told_by(result), HasSubstr("users/00_a.sql"));
}

TEST(History, InFoldersOfVersionsIsTriedInTheOrderOfTheirNumbers) {
  Folder folder;
  for (const char* version : {"0.9", "0.10"})
    std::filesystem::create_directory(folder.path() / version);
  folder.add("0.10/00_b.sql", "ALTER TABLE a ADD COLUMN y int;\n")
      .add("0.9/00_a.sql", "CREATE TABLE a (x int);\n");
  for (const char* check : {"lint", "dry-run", "boot"}) {
    const core::Result result = judge(auto_options(folder), check);
    EXPECT_EQ(result.judgement.verdict, Verdict::holds) << told_by(result);
  }
}

TEST(Templates, OfPsqlAreFilledInAndCastsAndSlicesAreNone) {
  Folder filled, plain;
  filled.add("001_a.up.sql", "CREATE TABLE :SCHEMA.a (x int);\n");
  plain.add("001_a.up.sql",
            "CREATE TABLE a (x int[] DEFAULT '{1,2}'::int[]);\nSELECT (x)[1:2], x::text FROM a;\n");
  const core::Result result = judge(options_for(filled, "ephemeral"), "dry-run");
  EXPECT_EQ(result.judgement.verdict, Verdict::unknown) << told_by(result);
  EXPECT_EQ(judge(options_for(plain, "ephemeral"), "dry-run").judgement.verdict, Verdict::holds);
}

TEST(Templates, AreFilledInByTheirToolAlone) {
  Folder filled, quoted;
  filled.add("001_a.up.sql", "CREATE TABLE {{ index .Options \"Namespace\" }}.a (x int);\n");
  quoted.add("001_a.up.sql", "CREATE TABLE a (x text DEFAULT '{{ name }} ${name}');\n");
  const core::Result result = judge(options_for(filled, "ephemeral"), "dry-run");
  EXPECT_EQ(result.judgement.verdict, Verdict::unknown) << told_by(result);
  EXPECT_THAT(result.judgement.reason, AllOf(HasSubstr("{{ index"), HasSubstr("--runner")));
  EXPECT_EQ(judge(options_for(quoted, "ephemeral"), "dry-run").judgement.verdict, Verdict::holds);
}

}  // namespace
}  // namespace gauntlet::verify::test
