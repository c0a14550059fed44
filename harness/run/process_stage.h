// A stage whose replicas are processes of the reference runner, or of a mutant, because its claim
// is about processes: over a SQLite file, or killed and stopped. What they send is not seen. A call
// belongs to one thread, with which the processes die.
#pragma once

#include "harness/arena/arena.h"
#include "harness/mutant/mutant.h"
#include "harness/run/folder.h"
#include "harness/run/program.h"
#include "harness/run/stage_run.h"
#include "harness/scenario/scenario.h"

namespace gauntlet::run {

/// They count as gathered where they stood at the server's door, or had the file open, together;
/// two are enough. Throws: Error `no-runner`, `cannot-start`, `no-door`.
StageSeen run_process_stage(const scenario::Stage& stage, const runner::Listing& listing,
                            const mutant::Mutant* mutant, const arena::Database& database,
                            const StageOptions& options);

/// Copies of a program, the first of which is harmed as `stage.first_is` says. What they send is
/// not seen. Throws: Error `cannot-start`, `connect-failed`.
StageSeen run_harmed_program(const scenario::Stage& stage, const Folder& folder,
                             const Program& program, const arena::Database& database,
                             const StageOptions& options);

}  // namespace gauntlet::run
