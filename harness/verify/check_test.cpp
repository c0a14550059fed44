#include "harness/verify/check.h"

#include "harness/verify/test_ground.h"
#include "runner/values/error.h"

#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace gauntlet::verify::test {
namespace {

using core::Verdict;
using testing::HasSubstr;
using testing::Not;

TEST(Verify, KnowsItsChecksInTheOrderInWhichTheyRun) {
  std::vector<std::string_view> ids;
  for (const Check& check : checks()) ids.push_back(check.id);

  EXPECT_THAT(ids,
              testing::ElementsAre("lint", "status", "dry-run", "boot", "replicas", "rollback"));
}

TEST(Verify, IsUnknownWithoutAnyMigration) {
  const Folder folder;

  const core::Report report = verify(options_for(folder, "ephemeral"), {});

  EXPECT_EQ(report.exit_code(), 2);
  ASSERT_EQ(report.results.size(), checks().size());
  EXPECT_THAT(report.results.at(2).judgement.reason, HasSubstr("no migrations in"));
}

TEST(Verify, RefusesAFolderThatDoesNotExist) {
  Options options;
  options.migrations = "/no/such/folder";
  options.format = *formats::find_format("gauntlet");

  EXPECT_THROW(verify(options, {}), runner::Error);
}

TEST(Verify, ScansWithoutADatabase) {
  Folder folder;
  folder.add("001_a.up.sql", "CREATE TABLE a (id int);");
  Options options = options_for(folder, "");
  options.checks = {"lint"};

  const core::Report report = verify(options, {});

  EXPECT_EQ(report.verdict(), Verdict::holds);
  EXPECT_FALSE(report.server);
}

TEST(Verify, TakesAnotherToolsFolderThroughEveryCheck) {
  Folder folder;
  folder.add("1_table.sql",
             "-- +goose Up\nCREATE TABLE t (x int);\n-- +goose Down\nDROP TABLE t;\n");
  folder.add("2_index.sql",
             "-- +goose NO TRANSACTION\n-- +goose Up\nCREATE INDEX CONCURRENTLY i ON t (x);\n");
  Options options = options_for(folder, "ephemeral");
  options.format = {.name = "auto"};
  options.replicas = 3;

  const core::Report report = verify(options, {});

  for (const core::Result& result : report.results) {
    EXPECT_EQ(result.judgement.verdict, Verdict::holds) << result.id << told_by(result);
    EXPECT_THAT(result.replay, HasSubstr("--format goose"));
  }
  EXPECT_THAT(notes_of(report.results.at(3)), HasSubstr("gauntlet-migrate stands in for goose"));
}

TEST(Verify, TakesStepsWithoutNamesThroughTheStandIn) {
  Folder folder;
  folder.add("0001.sql",
             "-- +migrate Up\nCREATE TABLE t (x int);\n-- +migrate Down\nDROP TABLE t;\n");
  Options options = options_for(folder, "ephemeral");
  options.format = {.name = "auto"};

  const core::Result result = judge(options, "boot");

  EXPECT_EQ(result.judgement.verdict, Verdict::holds) << told_by(result);
}

TEST(Verify, NamesBothWaysToADatabase) {
  Folder folder;
  folder.add("001_a.up.sql", "CREATE TABLE a (id int);");

  const core::Result result = judge(options_for(folder, ""), "dry-run");

  EXPECT_EQ(result.judgement.verdict, Verdict::unknown);
  EXPECT_THAT(result.judgement.reason, HasSubstr("--database ephemeral"));
  EXPECT_THAT(result.judgement.reason, HasSubstr("TEST_DATABASE_URL"));
}

TEST(Verify, CannotReachADatabaseAndStillScans) {
  Folder folder;
  folder.add("001_a.up.sql", "CREATE TABLE a (id int);");
  Options options = options_for(folder, "postgresql://me:secret@127.0.0.1:1/db");
  options.checks = {"lint", "status"};

  const core::Report report = verify(options, {});

  EXPECT_EQ(report.results.at(0).judgement.verdict, Verdict::holds);
  EXPECT_EQ(report.results.at(1).judgement.verdict, Verdict::unknown);
  EXPECT_THAT(report.results.at(1).judgement.reason, Not(HasSubstr("secret")));
  EXPECT_EQ(report.exit_code(), 2);
}

TEST(Verify, TriesFilesThatTheRunnerRefusesForTheirNumbersUnderNewOnes) {
  Folder folder;
  folder.add("001_a.up.sql", "SELECT 1").add("1_b.up.sql", "SELECT 2");

  const core::Result result = judge(options_for(folder, "ephemeral"), "dry-run");

  EXPECT_EQ(result.judgement.verdict, Verdict::holds) << result.judgement.reason;
  EXPECT_THAT(result.notes,
              testing::Contains(HasSubstr("the files were numbered anew, in their order")));
  EXPECT_EQ(judge(options_for(folder, "ephemeral"), "lint").judgement.verdict, Verdict::violated);
}

TEST(Verify, TellsTheServerTheTimeAndTheCommandThatRepeatsIt) {
  Folder folder;
  folder.add("001_a.up.sql", "CREATE TABLE a (id int);");
  Options options = options_for(folder, "ephemeral");
  options.checks = {"dry-run"};
  options.seed = 42;

  const core::Report report = verify(options, {});

  ASSERT_TRUE(report.server);
  EXPECT_NE(report.server->version, "");
  EXPECT_EQ(report.seed, 42U);
  EXPECT_EQ(report.results.at(0).id, "check/dry-run");
  EXPECT_GT(report.results.at(0).seconds.count(), 0.0);
  EXPECT_THAT(report.results.at(0).replay, HasSubstr("--checks dry-run"));
}

TEST(Verify, KeepsClusterWideMigrationsOffAGivenServer) {
  const GivenServer server;
  Folder folder;
  folder.add("001_a.up.sql", "CREATE ROLE app_owner;");
  Options options = options_for(folder, server.address().conninfo());
  options.checks = {"boot", "replicas"};

  const core::Report report = verify(options, {});

  for (const core::Result& result : report.results) {
    SCOPED_TRACE(result.id);
    EXPECT_EQ(result.judgement.verdict, Verdict::unknown);
    EXPECT_THAT(result.judgement.reason, HasSubstr("001_a.up.sql says CREATE ROLE"));
    EXPECT_THAT(result.judgement.reason, HasSubstr("--allow-cluster-changes"));
  }
  EXPECT_EQ(server.value("SELECT count(*) FROM pg_roles WHERE rolname = 'app_owner'"), "0");
}

TEST(Verify, NoticesWhatDynamicSqlDidToAGivenServer) {
  const GivenServer server;
  Folder folder;
  folder.add("001_a.up.sql", "CREATE TABLE a (id int);")
      .add("002_b.up.sql",
           "-- gauntlet: no-transaction\nDO $$ BEGIN EXECUTE 'CREATE ROLE sneaky'; END $$;");

  const core::Result result = judge(options_for(folder, server.address().conninfo()), "dry-run");

  EXPECT_EQ(result.judgement.verdict, Verdict::unknown);
  EXPECT_THAT(result.judgement.reason, HasSubstr("the given server itself was changed meanwhile"));
  EXPECT_THAT(result.judgement.reason, HasSubstr("sneaky"));
}

}  // namespace
}  // namespace gauntlet::verify::test
