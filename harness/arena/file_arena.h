// Throwaway SQLite databases: a file each, in a folder of its own. As an Arena, it may be used on
// any thread.
#pragma once

#include "harness/arena/arena.h"

#include <filesystem>
#include <memory>
#include <string>

namespace gauntlet::arena {

/// The files are not there before somebody makes them; their folders are gone with the databases,
/// or, where we were killed, with the next sweep. None of them is given, and none can be copied.
std::unique_ptr<Arena> open_files();

/// `sqlite:ephemeral`: every database is an empty file in which `init_sql` was run; given() is one
/// of them. Throws: SqlError of `init_sql`.
std::unique_ptr<Arena> open_empty_files(const std::string& init_sql);

/// `sqlite:PATH`: given() is a private copy of the file, as its last commit left it; the file and
/// its folder are read once and never written. fresh() as open_empty_files() has it.
/// Throws: Error `no-such-database`, `hot-journal`, `busy`, `cannot-copy`.
std::unique_ptr<Arena> open_given_file(const std::filesystem::path& file,
                                       const std::string& init_sql);

}  // namespace gauntlet::arena
