// Names of servers, and the sweep that every start makes. Any thread, and any process, may call.
#pragma once

#include <string>

namespace gauntlet::arena {

/// Throws: Error `bad-name`.
void check_name(const std::string& name);

/// Throws: Error `name-taken` if a server of that name runs or is being started here.
void refuse_taken_name(const std::string& name);

/// sweep(), once for this process; what goes wrong with somebody else's leftovers is not our error.
void sweep_once() noexcept;

}  // namespace gauntlet::arena
