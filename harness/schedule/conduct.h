// The loop of one schedule: wait until nothing moves, ask the strategy, let one go. One thread.
#pragma once

#include "harness/core/history.h"
#include "harness/explore/strategy.h"
#include "harness/schedule/scheduler.h"

#include <chrono>
#include <string>

namespace gauntlet::schedule {

/// What a schedule led to.
struct ScheduleSeen {
  core::History history = {};
  explore::Moments moments = {};
  std::string divergence = {};  ///< of the strategy
  std::string undecided = {};   ///< why the run was given up; empty: every replica ended
  bool hung = false;            ///< all that were left waited for one another
  std::chrono::duration<double> waited_first{0};  ///< until there was a first choice
};

/// Returns when all have ended, or with the reason why the run is given up in `seen.undecided`.
void conduct(Scheduler& scheduler, explore::Strategy& strategy, std::size_t steps_max,
             ScheduleSeen& seen, const Scheduler::Watch& watch = {});

}  // namespace gauntlet::schedule
