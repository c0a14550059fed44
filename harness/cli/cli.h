// The program `gauntlet` without its main(): a command line becomes output and an exit code.
// One call a process: it sets signal handlers and reads the environment.
#pragma once

namespace gauntlet::cli {

/// Runs one command. Results go to stdout, progress and errors to stderr.
/// Returns the exit code: 0 all hold, 1 something is violated, 2 could not decide, 64 usage.
int run(int argc, char** argv);

}  // namespace gauntlet::cli
