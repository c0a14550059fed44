// Throwaway SQLite databases: a file each, in a folder of its own. As an Arena, it may be used on
// any thread.
#pragma once

#include "harness/arena/arena.h"

#include <filesystem>
#include <memory>

namespace gauntlet::arena {

/// conninfo() and url() are `sqlite:PATH`, and there is neither host nor user.
Address address_of_file(const std::filesystem::path& file);
/// Empty for a server's database.
std::filesystem::path file_of(const Address& address);

/// The files are not there before somebody makes them; their folders are gone with the databases,
/// or, where we were killed, with the next sweep. None of them is given, and none can be copied.
std::unique_ptr<Arena> open_files();

}  // namespace gauntlet::arena
