// One test a scenario, and one a mutant and scenario that names it: a scenario's pass means
// something only because its mutants are seen to fail.
#include "scenarios/catalogue.h"

#include "harness/arena/server.h"
#include "harness/mutant/mutant.h"
#include "harness/oracle/oracle.h"
#include "harness/report/report.h"
#include "harness/verify/verify.h"

#include <algorithm>
#include <set>

#include <gtest/gtest.h>

namespace gauntlet::scenarios {
namespace {

/// A server of this test's own, in which every run has a database of its own.
class Ground {
 public:
  arena::Arena& arena() { return *arena_; }

 private:
  std::unique_ptr<arena::Server> server_ = arena::Server::start({});
  std::unique_ptr<arena::Arena> arena_ = arena::open(server_->loopback().url(), {});
};

std::string name_of(std::string_view id) {
  std::string name;
  bool upper = true;
  for (const char character : id) {
    if (character == '/' || character == '-') {
      upper = true;
      continue;
    }
    name += upper ? static_cast<char>(std::toupper(character)) : character;
    upper = false;
  }
  return name;
}

const scenario::Scenario* find_scenario(std::string_view id) {
  const auto found = std::ranges::find(catalogue(), id, &scenario::Scenario::id);
  return found == catalogue().end() ? nullptr : &*found;
}

class Catalogue : public testing::TestWithParam<scenario::Scenario> {};

TEST_P(Catalogue, ClaimHolds) {
  Ground ground;
  const core::Report report{
      .results = {verify::verify(GetParam(), nullptr, ground.arena(), {.seed = 1})}};
  EXPECT_EQ(report.verdict(), core::Verdict::holds) << report::text(report);
}

INSTANTIATE_TEST_SUITE_P(Scenarios, Catalogue, testing::ValuesIn(catalogue()),
                         [](const auto& parameter) { return name_of(parameter.param.id); });

struct Pair {
  const mutant::Mutant* mutant;
  std::string_view scenario;
};

std::vector<Pair> pairs() {
  std::vector<Pair> all;
  for (const mutant::Mutant& mutant : mutant::mutants())
    for (const std::string_view scenario : mutant.caught_by) all.push_back({&mutant, scenario});
  return all;
}

class KillMatrix : public testing::TestWithParam<Pair> {};

TEST_P(KillMatrix, MutantIsCaughtForItsReason) {
  const scenario::Scenario* scenario = find_scenario(GetParam().scenario);
  ASSERT_NE(scenario, nullptr);
  Ground ground;
  const verify::Kill kill =
      verify::kill(*GetParam().mutant, *scenario, ground.arena(), {.seed = 1});
  EXPECT_EQ(kill.caught, verify::Caught::caught) << verify::to_string(kill.caught) << "\n"
                                                 << report::text({.results = {kill.result}});
}

INSTANTIATE_TEST_SUITE_P(Mutants, KillMatrix, testing::ValuesIn(pairs()),
                         [](const auto& parameter) {
                           return name_of(parameter.param.mutant->name) + "By" +
                                  name_of(parameter.param.scenario);
                         });

TEST(Catalogue, HasEveryIdOnceAndOnlyOraclesThatExist) {
  std::set<std::string_view> ids, oracles;
  for (const oracle::Oracle& oracle : oracle::oracles()) oracles.insert(oracle.id);
  for (const scenario::Scenario& scenario : catalogue()) {
    SCOPED_TRACE(scenario.id);
    EXPECT_TRUE(ids.insert(scenario.id).second);
    for (const scenario::Stage& stage : scenario.stages)
      for (const std::string_view id : stage.oracles) EXPECT_TRUE(oracles.contains(id)) << id;
  }
}

}  // namespace
}  // namespace gauntlet::scenarios
