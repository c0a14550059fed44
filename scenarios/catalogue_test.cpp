// One test a scenario, with the mutants that name it: its pass means something only because they
// are seen to fail.
#include "scenarios/catalogue.h"

#include "harness/arena/server.h"
#include "harness/mutant/mutant.h"
#include "harness/oracle/oracle.h"
#include "harness/report/report.h"
#include "harness/run/run.h"

#include <algorithm>
#include <ostream>
#include <set>

#include <gtest/gtest.h>

namespace gauntlet::scenario {

/// So that a test's name holds no bytes of memory.
static void PrintTo(const Scenario& scenario, std::ostream* out) { *out << scenario.id; }

}  // namespace gauntlet::scenario

namespace gauntlet::scenarios {
namespace {

/// One server for all tests that run in this process, in which every run has a database of its own;
/// what serial runs leave, and which mutants are viable, is found out once.
struct Ground {
  std::unique_ptr<arena::Server> server = arena::Server::start({});
  std::unique_ptr<arena::Arena> arena = arena::open(server->loopback().url(), {});
  run::Verifier verifier{*arena, {}};
};

Ground& ground() {
  static Ground ground;
  return ground;
}

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

struct Pair {
  const mutant::Mutant* mutant;
  std::string_view scenario;
};

std::vector<Pair> pairs() {
  std::vector<Pair> all;
  for (const mutant::Mutant& mutant : mutant::mutants())
    for (const std::string_view scenario : mutant.killed_by) all.push_back({&mutant, scenario});
  return all;
}

class Catalogue : public testing::TestWithParam<scenario::Scenario> {};

TEST_P(Catalogue, ClaimHoldsAndItsMutantsAreKilled) {
  const scenario::Scenario& scenario = GetParam();
  const core::Report report{.results = {ground().verifier.run(scenario, nullptr, 1).result}};
  EXPECT_EQ(report.verdict(), core::Verdict::holds) << report::text(report);
  for (const Pair& pair : pairs()) {
    if (pair.scenario != scenario.id) continue;
    SCOPED_TRACE(pair.mutant->name);
    const run::Kill kill = ground().verifier.kill(*pair.mutant, scenario, 1);
    EXPECT_EQ(kill.fate, run::Fate::killed) << run::to_string(kill.fate) << "\n"
                                            << report::text({.results = {kill.result}});
  }
}

INSTANTIATE_TEST_SUITE_P(Scenarios, Catalogue, testing::ValuesIn(catalogue()),
                         [](const auto& parameter) { return name_of(parameter.param.id); });

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

TEST(Catalogue, HasAMutantForEveryScenario) {
  std::set<std::string_view> killing;
  for (const Pair& pair : pairs()) {
    SCOPED_TRACE(pair.mutant->name);
    EXPECT_EQ(std::ranges::count(catalogue(), pair.scenario, &scenario::Scenario::id), 1);
    killing.insert(pair.scenario);
  }
  for (const scenario::Scenario& scenario : catalogue()) {
    EXPECT_TRUE(killing.contains(scenario.id)) << scenario.id;
  }
}

TEST(Catalogue, HasEveryMutantKilledBySomeScenario) {
  for (const mutant::Mutant& mutant : mutant::mutants()) {
    SCOPED_TRACE(mutant.name);
    EXPECT_FALSE(mutant.killed_by.empty());
    EXPECT_FALSE(mutant.findings.empty());
  }
}

}  // namespace
}  // namespace gauntlet::scenarios
