// The arena of databases on a given scratch server. Any thread may call it.
#pragma once

#include "harness/arena/arena.h"

#include <memory>

namespace gauntlet::arena {

/// `own` is the server behind `given` if this program started it; it outlives the arena.
/// Throws: Error `connect-failed`.
std::unique_ptr<Arena> open_given(const Address& given, const ArenaOptions& options,
                                  const Server* own = nullptr);

}  // namespace gauntlet::arena
