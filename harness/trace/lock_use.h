// Which locks a runner takes to be alone: advisory ones, whole tables, rows, and rows that say
// `locked`. Those that its migrations take by themselves are none of them. Pure.
#pragma once

#include "harness/trace/tracker_use.h"

#include <string>
#include <vector>

namespace gauntlet::trace {

std::vector<TracedLock> locks_of(const core::History& history, const std::vector<ReadStep>& steps,
                                 const std::string& tracker);

/// Does this statement take, or give back, a lock of this kind?
bool takes_lock(const Statement& statement, const std::string& tracker);
bool gives_back(const Statement& statement);

}  // namespace gauntlet::trace
