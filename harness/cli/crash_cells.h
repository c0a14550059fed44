// The cells of a sweep, shared out among threads. Called on the main thread.
#pragma once

#include "harness/cli/ground.h"
#include "harness/cli/live_line.h"
#include "harness/crash/sweep.h"

#include <cstddef>
#include <vector>

namespace gauntlet::cli {

/// One a core: a cell is three starts of a program.
constexpr std::size_t crash_jobs = 2;

/// In the order of sweep.cells(). Throws: Error of the arena.
std::vector<crash::CellResult> run_cells(const crash::Sweep& sweep, const Ground& ground,
                                         std::size_t jobs, LiveLine& line);

}  // namespace gauntlet::cli
