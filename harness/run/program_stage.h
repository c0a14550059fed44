// A stage of a program in the place of the reference runner's threads. Its copies stand behind the
// wire door, where every statement is seen. A call belongs to one thread, with which the copies
// die.
#pragma once

#include "harness/arena/arena.h"
#include "harness/run/bystanders.h"
#include "harness/run/folder.h"
#include "harness/run/program.h"
#include "harness/run/stage_run.h"
#include "harness/scenario/scenario.h"

namespace gauntlet::run {

/// All copies of the stage. They count as gathered where their first statements stood at the gate
/// together; two are enough, since what a program does before it asks is its own. `lock` is what
/// somebody else holds where the stage wants it.
StageSeen run_program_stage(const scenario::Stage& stage, const Folder& folder,
                            const Program& program, const arena::Database& database,
                            const StageOptions& options, const LockToHold& lock);

}  // namespace gauntlet::run
