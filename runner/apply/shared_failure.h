// Whether a failure is told to the other replicas, which would fail at the same bytes in the same
// way. Belongs to the session's thread.
#pragma once

#include "runner/apply/applying.h"

#include <chrono>

namespace gauntlet::runner {

/// A deadlock, a lost session or an ended server process is the next waiter's turn. A cancelled
/// statement is shared if the attempt `ran` for at least its statement timeout: then nobody else
/// cancelled it.
bool is_shared(const Applying& applying, const Error& error, std::chrono::milliseconds ran);

}  // namespace gauntlet::runner
