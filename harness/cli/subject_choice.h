// The runner that a command puts in the reference runner's place: a program, by flags or by a file.
// Reads the subject file; one thread.
#pragma once

#include "harness/cli/command_line.h"
#include "harness/run/program.h"

#include <optional>

namespace gauntlet::cli {

/// nullopt: the reference runner's threads. Throws: UsageError; Error of a subject file.
std::optional<run::Program> program_of(const TestCommand& command);

}  // namespace gauntlet::cli
