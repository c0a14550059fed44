// One schedule of replicas that are threads of this process: the strategy decides at each moment
// which of them goes on. One thread conducts.
#pragma once

#include "harness/explore/strategy.h"
#include "harness/mutant/mutant.h"
#include "harness/scenario/scenario.h"
#include "harness/schedule/conduct.h"
#include "harness/schedule/database.h"

#include <string>
#include <vector>

namespace gauntlet::schedule {

struct ThreadReplicas {
  const scenario::Stage& stage;
  std::vector<scenario::Call> calls;  ///< by replica
  const runner::Listing& listing;
  const mutant::Mutant* mutant = nullptr;
  runner::RunOptions options = {};
  std::size_t steps_max = 2'000;
  bool offers_faults = false;  ///< a replica may be harmed, once a run
  bool holds_overlaps = true;  ///< else the two of an overlap are only let go together
};

/// Throws: Error if the server cannot be reached.
ScheduleSeen run_schedule(const ThreadReplicas& replicas, ExploredDatabase& database,
                          explore::Strategy& strategy);

}  // namespace gauntlet::schedule
