// The program `gauntlet` without its main(): a command line becomes output and an exit code.
// One call a process: it sets signal handlers and reads the environment.
#pragma once

#include "harness/scenario/scenario.h"

#include <vector>

namespace gauntlet::cli {

/// Runs one command; `catalogue` are the scenarios that there are. Results go to stdout, progress
/// and errors to stderr. Returns the exit code: 0 all hold, 1 something is violated, 2 could not
/// decide, 64 usage.
int run(int argc, char** argv, const std::vector<scenario::Scenario>& catalogue);

}  // namespace gauntlet::cli
