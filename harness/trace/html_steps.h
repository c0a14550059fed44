// The table of a run's round trips, as a part of the page. Long stretches of the same kind are
// folded, so that the page grows by some 200 bytes a statement and not by a table row each. Pure.
#pragma once

#include "harness/trace/trace.h"

#include <chrono>
#include <string>

namespace gauntlet::trace {

std::string steps_table(const TracedRun& run, const Trace& trace);

/// The page's times count from the first statement on: how long a program takes to start is its
/// own.
std::chrono::microseconds zero_of(const TracedRun& run);

}  // namespace gauntlet::trace
