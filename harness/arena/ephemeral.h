// The arena in which each database has a throwaway server of its own. Any thread may call it.
#pragma once

#include "harness/arena/arena.h"

#include <memory>

namespace gauntlet::arena {

/// Throws: Error `no-server-binaries`. No server is started yet.
std::unique_ptr<Arena> open_ephemeral(const ArenaOptions& options);

}  // namespace gauntlet::arena
