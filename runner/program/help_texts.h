// What `--help` says beside the options themselves. Pure; any thread may call.
#pragma once

#include <string>

namespace gauntlet::runner {

/// What the program does, and its exit codes.
std::string about();

std::string examples();

/// What follows the options of `command`: its exit codes where it has its own, and examples.
std::string footer_of(const std::string& command);

}  // namespace gauntlet::runner
