// From a schedule that fails to a smaller one that fails alike: fewest replicas, then fewest
// migrations. The search already takes the fewest preemptions first. One thread.
#pragma once

#include "harness/schedule/explorer.h"
#include "harness/schedule/trial.h"

#include <chrono>
#include <functional>
#include <memory>
#include <optional>

namespace gauntlet::schedule {

struct ShrinkLimits {
  std::size_t schedules_max = 300;         ///< of one smaller trial
  std::chrono::milliseconds time{20'000};  ///< of one smaller trial
  std::function<bool()> is_interrupted = {};
};

struct Shrunk {
  TrialOptions options = {};
  std::unique_ptr<Trial> trial = {};  ///< that `ran` was a run of
  Ran ran = {};
};

/// nullopt if no smaller trial was found to fail with one of the same findings. What cannot be run
/// at a smaller size is passed over.
std::optional<Shrunk> shrink(const scenario::Scenario& scenario, const TrialOptions& options,
                             const ExploredSubject& subject, arena::Arena& arena, const Ran& found,
                             const ShrinkLimits& limits);

/// Migrations of the trial's explored stage.
std::size_t migrations_in(const Trial& trial);

}  // namespace gauntlet::schedule
