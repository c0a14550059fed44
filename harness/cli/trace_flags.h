// The flags of `gauntlet trace`. For command_line.cpp.
#pragma once

#include "harness/cli/command_line.h"

#include <CLI/CLI.hpp>

namespace gauntlet::cli {

void add_trace(CLI::App& app, TraceCommand& command, Command& chosen);

}  // namespace gauntlet::cli
