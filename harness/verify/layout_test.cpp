#include "harness/verify/layout.h"

#include "runner/folder_test.h"

#include <algorithm>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace gauntlet::verify {
namespace {

using core::Severity;
using core::Verdict;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

struct LayoutFolder {
  runner::TestFolder folder = {};
  Options options = {};

  LayoutFolder& add(const std::string& name, const std::string& text) {
    std::filesystem::create_directories((folder.path() / name).parent_path());
    folder.write(name, text);
    return *this;
  }
  LayoutFolder& format(std::string_view name) {
    options.format = *formats::find_format(name);
    return *this;
  }
  LayoutFolder& runner(const std::string& command) {
    options.runner = command;
    return *this;
  }
  core::Result judge(const std::string& check) {
    options.migrations = folder.path();
    options.checks = {check};
    return verify(options, {}).results.at(0);
  }
  core::Result lint() { return judge("lint"); }
};

/// `id`, or `id (warning)`.
std::vector<std::string> findings_of(const core::Result& result) {
  std::vector<std::string> all;
  for (const core::Finding& finding : result.judgement.findings)
    all.push_back(finding.id + (finding.severity == Severity::warning ? " (warning)" : ""));
  return all;
}

constexpr const char* goose_file =
    "-- +goose Up\nCREATE TABLE t();\n-- +goose Down\nDROP TABLE t;\n";

TEST(Layout, IsKnownByTheFilesAndSaidWithTheReason) {
  const core::Result result = LayoutFolder().add("1_a.sql", goose_file).lint();
  EXPECT_EQ(result.judgement.verdict, Verdict::holds);
  EXPECT_THAT(result.notes, ElementsAre("layout: goose, for 1 of 1 SQL files have `-- +goose Up`"));
}

TEST(Layout, OfAnotherToolIsOneFindingThatNamesTheTool) {
  LayoutFolder folder;
  for (const char* name : {"1_a.sql", "2_b.sql", "3_c.sql"}) folder.add(name, goose_file);
  const core::Result result = folder.format("gauntlet").lint();
  EXPECT_THAT(findings_of(result), ElementsAre("unknown-layout"));
  EXPECT_THAT(result.judgement.findings.at(0).message, HasSubstr("the layout of goose"));
  EXPECT_THAT(result.judgement.findings.at(0).fix, HasSubstr("`--format goose`"));
  EXPECT_EQ(result.judgement.verdict, Verdict::violated);
}

TEST(Layout, OfFilesInFizzAloneIsOneFindingThatNamesTheTool) {
  LayoutFolder folder;
  folder.add("20240101_a.up.fizz", "create_table(\"a\")").add("20240101_a.down.fizz", "");
  const core::Result result = folder.lint();
  EXPECT_THAT(findings_of(result), ElementsAre("unknown-layout"));
  EXPECT_THAT(result.judgement.findings.at(0).message, HasSubstr("pop (Buffalo, fizz)'s"));
  EXPECT_EQ(result.judgement.verdict, Verdict::violated);
  folder.add("20240102_b.up.sql", "CREATE TABLE b (id int);\n");
  EXPECT_THAT(findings_of(folder.lint()), testing::Not(testing::Contains("unknown-layout")));
}

TEST(Layout, OfMigrationsInCodeIsOneFindingThatNamesTheTool) {
  const core::Result result = LayoutFolder()
                                  .add("a1.py", "down_revision = None")
                                  .add("b2.py", "down_revision = 'a1'")
                                  .lint();
  EXPECT_THAT(findings_of(result), ElementsAre("unknown-layout"));
  EXPECT_THAT(result.judgement.findings.at(0).message, HasSubstr("Alembic"));
}

TEST(Layout, OfOurOwnStillFindsTheOneFileThatIsMisnamed) {
  const core::Result result =
      LayoutFolder().add("1_a.up.sql", "SELECT 1").add("2_b.sql", "SELECT 2").lint();
  EXPECT_THAT(findings_of(result), ElementsAre("unrecognized-file"));
}

TEST(Layout, OfGolangMigrateMayHaveAVersionWithADownFileAlone) {
  LayoutFolder folder;
  folder.add("1_a.up.sql", "SELECT 1").add("2_code.down.sql", "SELECT 2");
  const core::Result golang = folder.format("golang-migrate").lint();
  EXPECT_EQ(golang.judgement.verdict, Verdict::holds);
  EXPECT_THAT(findings_of(golang), ElementsAre("down-without-up (warning)"));
  EXPECT_THAT(findings_of(folder.format("gauntlet").lint()), ElementsAre("down-without-up"));
}

TEST(Layout, IsNotRefusedInTheNameOfARunnerThatWasNotAsked) {
  LayoutFolder folder;
  folder.add("1_a.up.sql", "SELECT 1").add("2_b.up.sql", "SELECT 2").add("2_c.up.sql", "SELECT 3");
  EXPECT_THAT(findings_of(folder.lint()), ElementsAre("duplicate-version"));
  const core::Result theirs = folder.runner("their-runner").lint();
  EXPECT_EQ(theirs.judgement.verdict, Verdict::holds);
  EXPECT_THAT(findings_of(theirs), ElementsAre("duplicate-version (warning)"));
}

TEST(Layout, WhoseFilesOnlyItsToolCanApplyIsUnknownWithTheReason) {
  LayoutFolder folder;
  folder.add("V1__a.sql", "CREATE TABLE ${schema}.t ();");
  const core::Result result = folder.judge("dry-run");
  EXPECT_EQ(result.judgement.verdict, Verdict::unknown);
  EXPECT_THAT(result.judgement.reason,
              HasSubstr("V1__a.sql has the placeholder ${schema}, which only Flyway fills in: name "
                        "the tool with --runner"));
}

TEST(Layout, TellsHowItsToolSaysThatAFileWantsNoTransaction) {
  const std::string statement = "CREATE INDEX CONCURRENTLY i ON t(x);\n";
  const core::Result bad = LayoutFolder().add("1_a.sql", "-- +goose Up\n" + statement).lint();
  ASSERT_THAT(findings_of(bad), ElementsAre("needs-no-transaction"));
  EXPECT_THAT(bad.judgement.findings[0].fix, HasSubstr("-- +goose NO TRANSACTION"));
  EXPECT_EQ(bad.judgement.findings[0].where.line, 2);
  EXPECT_THAT(
      findings_of(LayoutFolder()
                      .add("1_a.sql", "-- +goose NO TRANSACTION\n-- +goose Up\n" + statement)
                      .lint()),
      IsEmpty());
}

TEST(Layout, ThatSendsAMarkedFileAsOneMessageTakesOneStatementOfThatKind) {
  const std::string head = "-- migrate:up transaction:false\n",
                    one = "CREATE INDEX CONCURRENTLY i ON t(x);\n";
  EXPECT_THAT(findings_of(LayoutFolder().add("1_a.sql", head + one).lint()), IsEmpty());
  const core::Result two = LayoutFolder().add("1_a.sql", head + "SELECT 1;\n" + one).lint();
  ASSERT_THAT(findings_of(two), ElementsAre("needs-no-transaction"));
  EXPECT_THAT(two.judgement.findings[0].message, HasSubstr("dbmate sends the 2 statements"));
}

TEST(Layout, LetsPsqlsFilesHoldWhatPsqlRuns) {
  EXPECT_THAT(findings_of(LayoutFolder()
                              .add("001-a.sql",
                                   "BEGIN;\nCREATE TABLE t(x int);\nCOMMIT;\n"
                                   "CREATE INDEX CONCURRENTLY i ON t(x);\n")
                              .lint()),
              IsEmpty());
}

}  // namespace
}  // namespace gauntlet::verify
