// One schedule of replicas that are processes of any program behind the wire door. One thread
// conducts, and the processes die with it.
#pragma once

#include "harness/explore/strategy.h"
#include "harness/fleet/fleet.h"
#include "harness/schedule/conduct.h"
#include "harness/schedule/database.h"

#include <chrono>
#include <filesystem>

namespace gauntlet::schedule {

struct ProgramReplicas {
  const fleet::Subject& subject;
  const std::filesystem::path& project;  ///< what it reads
  std::size_t replicas = 2;
  std::size_t steps_max = 2'000;
  bool holds_overlaps = true;  ///< else the two of an overlap are only let go together
  std::chrono::milliseconds patience{60'000};  ///< to end by itself, once the run was given up
};

/// Throws: Error `cannot-start`; if the server cannot be reached.
ScheduleSeen run_schedule(const ProgramReplicas& replicas, ExploredDatabase& database,
                          explore::Strategy& strategy);

}  // namespace gauntlet::schedule
