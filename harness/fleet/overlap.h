// How much copies that cannot be held together did run together. Pure; any thread may call.
#pragma once

#include "harness/core/history.h"

#include <cstddef>

namespace gauntlet::fleet {

/// How many ran at one time, at most.
std::size_t most_at_once(const core::History& history);

/// The same as a note at the history's end.
void note_overlap(core::History& history);

}  // namespace gauntlet::fleet
