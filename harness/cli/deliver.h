// From what was judged to what is printed, filed and returned: the same for every command that
// judges. Called on the main thread.
#pragma once

#include "harness/cli/command_line.h"
#include "harness/core/report.h"

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

namespace gauntlet::cli {

struct Outcome {
  core::Report report;
  std::string failure;  ///< why nothing was judged; empty when something was
};

/// What `judge` gives. What the user's world does is an outcome, too, and never an exception; only
/// a UsageError passes. `command` names the one result of an outcome without any.
Outcome outcome_of(std::string_view command, std::uint64_t seed,
                   const std::function<core::Report()>& judge);

/// Prints the report, writes it as JUnit where `junit_file` is not empty, and returns the exit
/// code. A violation stays one; a pass that nobody can read is none.
int deliver(const Outcome& outcome, Output output, const std::string& junit_file);

/// Small enough to be exact in every reader of JSON.
std::uint64_t draw_seed();

}  // namespace gauntlet::cli
