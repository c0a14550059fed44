// The search over orders of statements, as it is promised: it finds every runner whose flaw is an
// interleaving, and never the reference runner.
#include "harness/core/files.h"
#include "harness/explore/bounded.h"
#include "harness/explore/replay.h"
#include "harness/schedule/explorer.h"
#include "scenarios/catalogue.h"

#include <algorithm>
#include <filesystem>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace gauntlet::scenarios {
namespace {

using schedule::SearchResult;
using End = SearchResult::End;

const scenario::Scenario& scenario_named(std::string_view id) {
  static const std::vector<scenario::Scenario> all = catalogue();
  const auto found = std::ranges::find(all, id, &scenario::Scenario::id);
  if (found == all.end()) throw std::runtime_error("no such scenario");
  return *found;
}

struct Search {
  std::string_view scenario = "concurrency/pending";
  schedule::TrialOptions trial = {};
  std::size_t preemptions = 2;
  const char* mutant = "";
};

void PrintTo(const Search& search, std::ostream* out) {
  *out << search.scenario << ' ' << search.mutant;
}

SearchResult searched(const Search& what) {
  const auto server = arena::Server::start({});
  const auto arena = arena::open(server->loopback().url(), {});
  const schedule::Trial trial = schedule::trial_of(scenario_named(what.scenario), what.trial);
  EXPECT_EQ(trial.objection, "");
  schedule::Explorer explorer(trial, {.mutant = mutant::find_mutant(what.mutant)}, *arena);
  explore::Bounded bounded(what.preemptions);
  return explorer.search(bounded, {.time = std::chrono::minutes(4)});
}

class FlawedRunner : public testing::TestWithParam<Search> {};

TEST_P(FlawedRunner, IsFoundWithinTwoPreemptions) {
  const mutant::Mutant* mutant = mutant::find_mutant(GetParam().mutant);
  ASSERT_NE(mutant, nullptr);
  const SearchResult result = searched(GetParam());
  ASSERT_EQ(result.end, End::violated) << result.schedules << " schedules hold";
  EXPECT_EQ(result.diverged, 0U);
  std::vector<std::string> found;
  for (const core::Finding& finding : result.violation->judged.judgement.findings)
    found.push_back(finding.id);
  const bool is_declared = std::ranges::any_of(found, [&](const std::string& id) {
    return std::ranges::find(mutant->findings, id) != mutant->findings.end();
  });
  EXPECT_TRUE(is_declared) << testing::PrintToString(found);
}

// Every mutant whose flaw shows only in some orders of the replicas' statements.
INSTANTIATE_TEST_SUITE_P(
    Explored, FlawedRunner,
    testing::Values(Search{.mutant = "lock-is-noop"}, Search{.mutant = "random-key"},
                    Search{.mutant = "lock-ignores-try-result"},
                    Search{.mutant = "lock-released-before-record"},
                    Search{.mutant = "per-transaction-lock-only"},
                    Search{.scenario = "concurrency/read-before-lock",
                           .mutant = "read-pending-before-lock"},
                    Search{.scenario = "concurrency/bootstrap", .mutant = "bootstrap-outside-lock"},
                    Search{.mutant = "busy-is-success"}, Search{.mutant = "lost-wake-up"},
                    Search{.mutant = "lease-without-fence"},
                    Search{.scenario = "locks/concurrent-index", .mutant = "blocking-lock"}),
    [](const auto& search) {
      std::string name = search.param.mutant;
      std::ranges::replace(name, '-', '_');
      return name;
    });

class SoundRunner : public testing::TestWithParam<Search> {};

TEST_P(SoundRunner, HoldsInEveryScheduleOfTheBound) {
  const SearchResult result = searched(GetParam());
  EXPECT_EQ(result.end, End::completed);
  EXPECT_EQ(result.undecided, 0U) << result.first_undecided;
  EXPECT_EQ(result.diverged, 0U) << result.first_divergence;
  if (!result.violation) return;
  for (const core::Finding& finding : result.violation->judged.judgement.findings)
    ADD_FAILURE() << finding.id << ": " << finding.message;
}

/// The schedules that are kept: one for each flawed runner, as `gauntlet explore --save` wrote it.
class KeptSchedule : public testing::TestWithParam<std::string> {};

std::vector<std::string> kept_schedules() {
  std::vector<std::string> files;
  for (const auto& file :
       std::filesystem::directory_iterator(GAUNTLET_SOURCE_DIR "/scenarios/expected"))
    files.push_back(file.path().string());
  std::ranges::sort(files);
  return files;
}

// In the same order, whatever words the reference runner has for its statements by now.
TEST_P(KeptSchedule, FailsAgainStepByStep) {
  const explore::Schedule kept = explore::read_schedule(core::read_file(GetParam()));
  const std::string mutant = kept.subject.substr(std::string("mutant ").size());
  ASSERT_NE(mutant::find_mutant(mutant), nullptr) << kept.subject;
  const auto server = arena::Server::start({});
  const auto arena = arena::open(server->loopback().url(), {});
  const schedule::Trial trial = schedule::trial_of(
      scenario_named(kept.scenario), {.replicas = kept.replicas, .first_files = kept.first_files});
  schedule::Explorer explorer(trial, {.mutant = mutant::find_mutant(mutant)}, *arena);
  explore::Replay replay(kept.steps, 2, explore::Replay::Labels::ignored);
  while (replay.begin()) {
    const schedule::Ran ran = explorer.run(replay);
    EXPECT_EQ(ran.seen.divergence, "") << "renew the schedules with .ci/expected";
    EXPECT_TRUE(ran.is_violated());
  }
}

INSTANTIATE_TEST_SUITE_P(Explored, KeptSchedule, testing::ValuesIn(kept_schedules()),
                         [](const auto& file) {
                           std::string name = std::filesystem::path(file.param).stem().string();
                           std::ranges::replace(name, '-', '_');
                           return name;
                         });

using runner::LockMode;

INSTANTIATE_TEST_SUITE_P(
    Explored, SoundRunner,
    testing::Values(
        Search{.trial = {.replicas = 2, .first_files = 3, .lock = LockMode::notify}},
        Search{.trial = {.replicas = 2, .first_files = 3, .lock = LockMode::transaction}},
        Search{.trial = {.replicas = 3, .first_files = 1, .lock = LockMode::notify},
               .preemptions = 1},
        Search{.trial = {.replicas = 3, .first_files = 1, .lock = LockMode::transaction},
               .preemptions = 1},
        Search{.scenario = "concurrency/read-before-lock", .preemptions = 1},
        Search{.scenario = "locks/concurrent-index", .preemptions = 1}),
    [](const auto& search) {
      const Search& what = search.param;
      std::string name(what.scenario.substr(what.scenario.find('/') + 1));
      std::ranges::replace(name, '-', '_');
      name += "_of_" + std::to_string(what.trial.replicas);
      return what.trial.lock ? name + "_" + runner::to_string(*what.trial.lock) : name;
    });

}  // namespace
}  // namespace gauntlet::scenarios
