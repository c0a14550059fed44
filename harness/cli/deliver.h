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

/// Calls `judge`. An exception becomes an outcome that is unknown, and is printed; only a
/// UsageError passes. `command` names the one result of an outcome without any.
Outcome outcome_of(std::string_view command, std::uint64_t seed,
                   const std::function<core::Report()>& judge);

/// Writes the report to every target of `outputs` and returns the exit code. `migrations`: where
/// findings without a file are shown; may be empty. A report that could not be written is no pass:
/// exit code 2.
int deliver(const Outcome& outcome, const Outputs& outputs, const std::string& migrations);

/// Small enough to be exact in every reader of JSON.
std::uint64_t draw_seed();

}  // namespace gauntlet::cli
