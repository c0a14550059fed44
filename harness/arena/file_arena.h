// Throwaway SQLite databases: a file each, in a folder of its own. As an Arena, it may be used on
// any thread.
#pragma once

#include "harness/arena/arena.h"

#include <memory>

namespace gauntlet::arena {

/// The files are not there before somebody makes them; their folders are gone with the databases,
/// or, where we were killed, with the next sweep. None of them is given, and none can be copied.
std::unique_ptr<Arena> open_files();

}  // namespace gauntlet::arena
