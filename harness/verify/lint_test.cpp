#include "harness/verify/lint.h"

#include <set>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace gauntlet::verify {
namespace {

namespace fs = std::filesystem;
using core::Verdict;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

const fs::path hazards = fs::path(GAUNTLET_SOURCE_DIR) / "migrations/hazards";

Options options_for(const fs::path& folder) {
  Options options;
  options.migrations = folder;
  options.format = {.name = "gauntlet", .marker = true, .runner_mode = {}, .native = true};
  return options;
}

core::Result lint_listing(const runner::Listing& listing) {
  const Options options = options_for("migrations");
  return lint({.options = options, .listing = listing, .arena = nullptr, .progress = {}});
}

core::Result lint_folder(const fs::path& folder) {
  const Options options = options_for(folder);
  const runner::Listing listing = runner::read_folder(folder);
  return lint({.options = options, .listing = listing, .arena = nullptr, .progress = {}});
}

std::set<std::string> ids(const core::Result& result) {
  std::set<std::string> found;
  for (const auto& finding : result.judgement.findings) found.insert(finding.id);
  return found;
}

runner::Listing listing_of(std::vector<runner::Script> scripts) {
  return runner::list_scripts(std::move(scripts));
}

class Hazard : public testing::TestWithParam<LintFinding> {};

TEST_P(Hazard, IsFoundInTheBadFolderAndNothingElseIs) {
  EXPECT_THAT(ids(lint_folder(hazards / GetParam().id / "bad")), ElementsAre(GetParam().id));
}

TEST_P(Hazard, IsNotFoundInTheGoodFolder) {
  const core::Result result = lint_folder(hazards / GetParam().id / "good");
  EXPECT_THAT(ids(result), IsEmpty());
  EXPECT_EQ(result.judgement.verdict, Verdict::holds);
}

TEST_P(Hazard, SaysWhereAndHowToPutItRight) {
  for (const auto& finding : lint_folder(hazards / GetParam().id / "bad").judgement.findings) {
    EXPECT_THAT(finding.where.file, HasSubstr("hazards"));
    EXPECT_FALSE(finding.message.empty() || finding.fix.empty());
  }
}

std::string name_of(const testing::TestParamInfo<LintFinding>& info) {
  std::string name(info.param.id);
  std::replace(name.begin(), name.end(), '-', '_');
  return name;
}

INSTANTIATE_TEST_SUITE_P(Every, Hazard, testing::ValuesIn(lint_finding_ids()), name_of);

TEST(Lint, HoldsForASoundMigration) {
  EXPECT_EQ(lint_listing(listing_of({{"1_a.up.sql", "CREATE TABLE t ();", {}}})).judgement.verdict,
            Verdict::holds);
}

TEST(Lint, IsUnknownWhereThereIsNoMigration) {
  const core::Judgement judgement = lint_listing({}).judgement;
  EXPECT_EQ(judgement.verdict, Verdict::unknown);
  EXPECT_THAT(judgement.reason, HasSubstr("holds no migration"));
}

TEST(Lint, IsViolatedWhereThereAreOnlyNearMisses) {
  EXPECT_EQ(lint_listing(listing_of({{"1_a.sql", "SELECT 1", {}}})).judgement.verdict,
            Verdict::violated);
}

TEST(Lint, IsNotViolatedByAWarning) {
  const core::Result result = lint_listing(
      listing_of({{"1_add.up.sql", "CREATE ROLE r", {}}, {"1_remove.down.sql", "", {}}}));
  EXPECT_THAT(ids(result), ElementsAre("cluster-wide", "names-differ"));
  EXPECT_EQ(result.judgement.verdict, Verdict::holds);
}

TEST(Lint, WarnsOfDownFilesAndAccusesThemWhereRollbackIsAskedFor) {
  const runner::Listing listing =
      listing_of({{"1_a.up.sql", "SELECT 1", {}}, {"1_a.down.sql", "SELECT 1;\nVACUUM", {}}});
  const core::Result result = lint_listing(listing);
  ASSERT_EQ(result.judgement.findings.size(), 1U);
  EXPECT_EQ(result.judgement.findings[0].where.file, "1_a.down.sql");
  EXPECT_EQ(result.judgement.findings[0].where.line, 2);
  EXPECT_EQ(result.judgement.verdict, Verdict::holds);
  Options options = options_for("migrations");
  options.checks = {"lint", "rollback"};
  const core::Result asked =
      lint({.options = options, .listing = listing, .arena = nullptr, .progress = {}});
  EXPECT_EQ(asked.judgement.verdict, Verdict::violated);
}

TEST(Lint, AccusesTheSameInAnUpFile) {
  const core::Result result = lint_listing(listing_of({{"1_a.up.sql", "SELECT 1;\nVACUUM", {}}}));
  EXPECT_EQ(result.judgement.verdict, Verdict::violated);
}

TEST(Lint, TakesEmptyFilesForLegal) {
  const core::Result result =
      lint_listing(listing_of({{"1_a.up.sql", "-- later", {}}, {"1_a.down.sql", "", {}}}));
  EXPECT_THAT(ids(result), IsEmpty());
}

TEST(Lint, NotesAFileThatItCouldNotRead) {
  EXPECT_THAT(lint_listing(listing_of({{"1_a.up.sql", "SELECT 'it", {}}})).notes,
              ElementsAre(HasSubstr("1_a.up.sql")));
}

TEST(LintFindingIds, AreUnique) {
  std::set<std::string_view> seen;
  for (const auto& finding : lint_finding_ids())
    EXPECT_TRUE(seen.insert(finding.id).second) << finding.id;
}

}  // namespace
}  // namespace gauntlet::verify
