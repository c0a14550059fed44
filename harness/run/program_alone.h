// What a program shows in a stage that one copy of it does alone, behind the wire door. A call
// belongs to one thread, with which the copy dies.
#pragma once

#include "harness/arena/arena.h"
#include "harness/core/history.h"
#include "harness/run/folder.h"
#include "harness/run/program.h"
#include "harness/run/stage_run.h"
#include "harness/scenario/scenario.h"

#include <optional>
#include <string>
#include <vector>

namespace gauntlet::run {

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

}  // namespace gauntlet::run
