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
#include <string>

namespace gauntlet::run {

struct StageOptions {
  std::chrono::milliseconds patience{60'000};
  std::uint64_t seed = 0;
  std::int64_t lock_key = 0;  ///< one that nobody else has
  runner::NoTransaction no_transaction = runner::NoTransaction::directive;
  std::string tracker = {};  ///< of a program, where its reads are to be refused
};

struct StageSeen {
  core::History history;
  std::size_t gathered = 0;      ///< replicas that stood at the gate together
  std::size_t wanted = 1;        ///< so many were to stand there
  bool foreign_lock_met = true;  ///< all replicas were seen to ask while it was held
  bool holds_met = true;         ///< whatever the holds waited for happened in time
  std::size_t unfired = 0;       ///< faults whose step did not come
  /// What sessions that live on hold, looked at before they are closed; absent where none does.
  std::optional<core::Leftovers> leftovers = {};
  std::vector<oracle::TableWait> table_waits = {};  ///< while a bystander used a table
};

/// Runs `stage` over `listing` with the reference runner, or `mutant`: all replicas, with all that
/// goes wrong meanwhile.
StageSeen run_stage(const scenario::Stage& stage, const runner::Listing& listing,
                    const mutant::Mutant* mutant, const arena::Address& database,
                    const StageOptions& options);

/// Why a stage failed that was done alone.
struct FailedAlone {
  std::string text = {};   ///< what it said; empty where nothing failed
  bool was_ended = false;  ///< it was not done in time: that tells nothing
};

/// One replica of each kind of call, one after another, and nothing goes wrong: the first of them
/// that failed, where none is to fail.
FailedAlone run_stage_alone(const scenario::Stage& stage, const runner::Listing& listing,
                            const arena::Address& database, const StageOptions& options);

}  // namespace gauntlet::run
