// Ends a server by its data folder alone, and removes what it leaves. Standard library only: the
// keeper, a program without any other library, is built from it too. Any thread may call.
#pragma once

#include <filesystem>
#include <vector>

#include <sys/types.h>

namespace gauntlet::arena {

/// Every PostgreSQL process that works in `data`, told by its working directory and its program, in
/// ascending order.
std::vector<pid_t> server_processes_in(const std::filesystem::path& data);

/// Ends every PostgreSQL process that works in `data` : SIGQUIT, and SIGKILL after `patience_ms`.
/// Returns whether there was any.
bool end_server_in(const std::filesystem::path& data, int patience_ms) noexcept;

/// Gives back the System V segment that a killed server leaves (postmaster.pid names it), if nobody
/// uses it.
void remove_shared_memory_of(const std::filesystem::path& data) noexcept;

}  // namespace gauntlet::arena
