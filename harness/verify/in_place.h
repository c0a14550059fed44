// The pending files in one transaction on the given database, a savepoint each, always rolled back.
// Opens one session of its own; works on the caller's thread.
#pragma once

#include "harness/verify/check.h"
#include "harness/verify/trial.h"

namespace gauntlet::verify {

/// Tries the program's runnable files and proves afterwards that nothing of them stayed.
/// Throws: Error when the database cannot be reached or read.
Trial try_in_place(const Context& context, const Program& program);

}  // namespace gauntlet::verify
