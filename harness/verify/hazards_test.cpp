// Every finding of the dry run has a fixture that shows it, and a sound one beside it.
#include "harness/verify/dry_run.h"
#include "harness/verify/test_ground.h"

#include <algorithm>
#include <filesystem>
#include <ostream>
#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace gauntlet::verify {

void PrintTo(const DryRunFinding& finding, std::ostream* out) { *out << finding.id; }

}  // namespace gauntlet::verify

namespace gauntlet::verify::test {
namespace {

using testing::ElementsAre;

core::Result dry_run_of(const std::string& id, const std::string& kind) {
  Options options;
  options.migrations =
      std::filesystem::path(GAUNTLET_SOURCE_DIR) / "migrations/hazards" / id / kind;
  options.format = *formats::find_format("gauntlet");
  options.database = "ephemeral";
  return judge(options, "dry-run");
}

class DryRunHazard : public testing::TestWithParam<DryRunFinding> {};

TEST_P(DryRunHazard, BadShowsItsFinding) {
  const std::string id(GetParam().id);
  EXPECT_THAT(ids_of(dry_run_of(id, "bad")), ElementsAre(id));
}

TEST_P(DryRunHazard, GoodHolds) {
  const core::Result result = dry_run_of(std::string(GetParam().id), "good");
  EXPECT_EQ(result.judgement.verdict, core::Verdict::holds) << result.judgement.reason;
}

INSTANTIATE_TEST_SUITE_P(Every, DryRunHazard, testing::ValuesIn(dry_run_findings()),
                         [](const auto& finding) {
                           std::string name(finding.param.id);
                           std::replace(name.begin(), name.end(), '-', '_');
                           return name;
                         });

}  // namespace
}  // namespace gauntlet::verify::test
