// Searches on a real server: flawed runners are found, and the reference runner is not.
#include "harness/explore/bounded.h"
#include "harness/explore/replay.h"
#include "harness/schedule/explorer.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace gauntlet::schedule {
namespace {

scenario::Scenario two_files() {
  return {.id = "mine/deploy",
          .claim = "it works",
          .why = "or nothing does",
          .stages = {{.name = "deploy",
                      .files = {{"001_a.up.sql", "CREATE TABLE a(x int);\n"},
                                {"002_b.up.sql", "INSERT INTO a VALUES (1);\n"}},
                      .oracles = {"mutual-exclusion"}}}};
}

class ExplorerServer : public testing::Test {
 protected:
  SearchResult search(explore::Strategy& strategy, const char* mutant = nullptr) {
    Explorer explorer(trial_, {.mutant = mutant == nullptr ? nullptr : mutant::find_mutant(mutant)},
                      *arena_);
    return explorer.search(strategy, {.time = std::chrono::minutes(5)});
  }

  const std::unique_ptr<arena::Server> server_ = arena::Server::start({});
  const std::unique_ptr<arena::Arena> arena_ = arena::open(server_->loopback().url(), {});
  const Trial trial_ = trial_of(two_files(), {});
};

TEST_F(ExplorerServer, ReferenceRunnerHoldsInEverySchedule) {
  explore::Bounded bounded(2);
  const SearchResult result = search(bounded);
  EXPECT_EQ(result.end, SearchResult::End::completed)
      << (result.violation ? result.violation->judged.judgement.findings.front().message : "");
  EXPECT_EQ(result.undecided, 0U) << result.first_undecided;
  EXPECT_EQ(result.diverged, 0U);
  EXPECT_GT(result.schedules, 20U);
}

TEST_F(ExplorerServer, RunnerWithoutALockIsFound) {
  explore::Bounded bounded(2);
  const SearchResult result = search(bounded, "lock-is-noop");
  ASSERT_EQ(result.end, SearchResult::End::violated);
}

TEST_F(ExplorerServer, SavedScheduleFailsEveryTime) {
  explore::Bounded bounded(2);
  const SearchResult found = search(bounded, "lock-is-noop");
  ASSERT_TRUE(found.violation);
  const auto steps = explore::steps_of(found.violation->seen.moments);
  explore::Replay replay(steps, 20);
  Explorer explorer(trial_, {.mutant = mutant::find_mutant("lock-is-noop")}, *arena_);
  while (replay.begin()) {
    const Ran ran = explorer.run(replay);
    EXPECT_EQ(ran.seen.divergence, "");
    EXPECT_TRUE(ran.is_violated());
    EXPECT_EQ(explore::steps_of(ran.seen.moments), steps);
  }
}

TEST_F(ExplorerServer, CorrectedRunnerDivergesFromTheFlawedOnesSchedule) {
  explore::Bounded bounded(2);
  const SearchResult found = search(bounded, "lock-is-noop");
  ASSERT_TRUE(found.violation);
  explore::Replay replay(explore::steps_of(found.violation->seen.moments), 1);
  const SearchResult corrected = search(replay);
  EXPECT_FALSE(corrected.violation);
  EXPECT_EQ(corrected.diverged, 1U);
}

}  // namespace
}  // namespace gauntlet::schedule
