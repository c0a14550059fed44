// Rows that stand for a lock: a runner that locks by a committed row leaves it behind when it dies.
// Reads only; any thread.
#pragma once

#include "harness/arena/address.h"
#include "harness/core/snapshot.h"

#include <vector>

namespace gauntlet::observe {

/// Tables whose name speaks of a lock, with a row that says that it is taken. Empty where there is
/// none, for a file, and where the database cannot be read.
std::vector<core::LockRow> held_lock_rows(const arena::Address& address);

}  // namespace gauntlet::observe
