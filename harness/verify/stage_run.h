// One stage of a scenario on one database: the fleet behind its gates, and what was seen.
// A run belongs to one thread; its replicas are threads of their own.
#pragma once

#include "harness/arena/arena.h"
#include "harness/mutant/mutant.h"
#include "harness/oracle/oracle.h"
#include "harness/scenario/scenario.h"

#include <chrono>
#include <cstdint>
#include <optional>

namespace gauntlet::verify {

struct StageOptions {
  std::size_t replicas = 1;
  scenario::Arrival arrival = scenario::Arrival::together;
  std::optional<scenario::ForeignLock> foreign_lock = {};
  std::chrono::milliseconds patience{60'000};
  std::uint64_t seed = 0;
  std::int64_t lock_key = 0;  ///< one that nobody else has
};

struct StageSeen {
  core::History history;
  std::size_t gathered = 0;      ///< replicas that stood at the gate together
  std::size_t wanted = 1;        ///< so many were to stand there
  bool foreign_lock_met = true;  ///< all replicas were seen to ask while it was held
};

/// Runs `stage` over `listing` with the reference runner, or `mutant`.
StageSeen run_stage(const scenario::Stage& stage, const runner::Listing& listing,
                    const mutant::Mutant* mutant, const arena::Address& database,
                    const StageOptions& options);

}  // namespace gauntlet::verify
