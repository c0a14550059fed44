// `verify` three times on one database that nobody changes: the verdicts are the same each time.
// A few sample sets in every run; with GAUNTLET_ALL_SETS all that lie under migrations/.
#include "harness/verify/test_ground.h"

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <ostream>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace gauntlet::verify::test {
namespace {

namespace fs = std::filesystem;

fs::path samples() { return fs::path(GAUNTLET_SOURCE_DIR) / "migrations"; }

/// Relative to migrations/.
std::vector<std::string> sets() {
  if (std::getenv("GAUNTLET_ALL_SETS") == nullptr)
    return {"orders", "hazards/invalid-index/bad", "hazards/constraint-fails-at-commit/good",
            "hazards/survives-rollback/bad"};
  std::vector<std::string> all = {"orders", "store"};
  for (const auto& hazard : fs::directory_iterator(samples() / "hazards"))
    for (const auto& twin : fs::directory_iterator(hazard))
      all.push_back(fs::relative(twin, samples()).string());
  std::ranges::sort(all);
  return all;
}

/// A check, its verdict and its findings, a line each.
std::string verdicts_of(const core::Report& report) {
  std::string text;
  for (const core::Result& result : report.results) {
    text += result.id + " " + std::string(core::to_string(result.judgement.verdict));
    std::vector<std::string> ids = ids_of(result);
    std::ranges::sort(ids);
    for (const std::string& id : ids) text += " " + id;
    text += "\n";
  }
  return text;
}

class RepeatedVerdicts : public testing::TestWithParam<std::string> {};

TEST_P(RepeatedVerdicts, AreTheSame) {
  const GivenServer server;
  server.run(
      "CREATE TABLE of_somebody(id int PRIMARY KEY, at timestamptz DEFAULT now());"
      "INSERT INTO of_somebody SELECT generate_series(1, 100)");
  Options options;
  options.migrations = samples() / GetParam();
  options.format = {.name = "auto"};
  options.database = server.address().conninfo();
  options.applied_through = 0;
  options.replicas = 4;
  const std::string first = verdicts_of(verify(options, {}));
  for (int again = 0; again < 2; ++again) EXPECT_EQ(verdicts_of(verify(options, {})), first);
  EXPECT_EQ(server.value("SELECT count(*) FROM of_somebody"), "100");
}

INSTANTIATE_TEST_SUITE_P(Samples, RepeatedVerdicts, testing::ValuesIn(sets()), [](const auto& set) {
  std::string name = set.param;
  std::ranges::replace_if(
      name, [](char c) { return c == '/' || c == '-'; }, '_');
  return name;
});

}  // namespace
}  // namespace gauntlet::verify::test
