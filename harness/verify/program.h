// A program in the place of the reference runner's threads: what can be asked of it, and a stage of
// it. Its statements are not seen, so it is judged by data, schema, tracker and exit codes.
// A call belongs to one thread, with which the program's copies die.
#pragma once

#include "harness/arena/arena.h"
#include "harness/fleet/fleet.h"
#include "harness/scenario/scenario.h"
#include "harness/verify/stage_run.h"

#include <string>
#include <string_view>

namespace gauntlet::verify {

struct Program {
  fleet::Subject subject;
  std::string tracker = {};  ///< query that gives version[, name]; empty: recognised
  /// Are lock and tracker told to it by `--lock-key` and `--table`, as to gauntlet-migrate?
  enum class Told { nothing, key_and_table };
  Told told = Told::nothing;
  bool has_marker = true;  ///< it knows `-- gauntlet: no-transaction`
};

/// Why `scenario` cannot be asked of `program`; empty where it can.
std::string objection(const scenario::Scenario& scenario, const Program& program);

/// Does the oracle look at statements, which are not seen of a program?
bool looks_at_statements(std::string_view oracle);

/// One copy of the program does the stage alone. Returns what it said if it failed.
std::string run_program_alone(const scenario::Stage& stage, const runner::Listing& listing,
                              const Program& program, const arena::Database& database,
                              const StageOptions& options);

/// All copies of the stage. They count as gathered where their sessions stood at the server's door
/// together; two are enough, since what a program does before it connects is its own.
StageSeen run_program_stage(const scenario::Stage& stage, const runner::Listing& listing,
                            const Program& program, const arena::Database& database,
                            const StageOptions& options);

}  // namespace gauntlet::verify
