// A program in the place of the reference runner's threads: what it shows when it runs alone, and a
// stage of it. Its copies stand behind the wire door, where every statement is seen. A call belongs
// to one thread, with which the program's copies die.
#pragma once

#include "harness/arena/arena.h"
#include "harness/run/folder.h"
#include "harness/run/own_lock.h"
#include "harness/run/program.h"
#include "harness/run/stage_run.h"
#include "harness/scenario/scenario.h"

#include <optional>
#include <string>
#include <vector>

namespace gauntlet::run {

/// The program's lock, for somebody else to hold.
struct LockToHold {
  std::string advisory = {};       ///< as arguments of pg_advisory_lock; empty: it has another
  const OwnLock* other = nullptr;  ///< then this one
};

/// What one copy showed that did a stage alone.
struct Alone {
  std::string failure = {};  ///< what it said if it failed, and was not to
  std::optional<int> exit_code = {};
  std::vector<std::string> locks = {};  ///< advisory, as arguments of pg_advisory_lock
  std::string refused = {};       ///< the first file that the server refused; empty: none was seen
  std::string refused_with = {};  ///< and with which SQLSTATE
  core::History history = {};
};
Alone run_program_alone(const scenario::Stage& stage, const Folder& folder, const Program& program,
                        const arena::Database& database, const StageOptions& options);

/// The command of a stage's copies.
fleet::Subject subject_for(const Program& program, const scenario::Stage& stage,
                           const StageOptions& options);

/// All copies of the stage. They count as gathered where their first statements stood at the gate
/// together; two are enough, since what a program does before it asks is its own. `lock` is what
/// somebody else holds where the stage wants it.
StageSeen run_program_stage(const scenario::Stage& stage, const Folder& folder,
                            const Program& program, const arena::Database& database,
                            const StageOptions& options, const LockToHold& lock);

}  // namespace gauntlet::run
