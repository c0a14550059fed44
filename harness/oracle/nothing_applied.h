// Replicas report success, and what any run must leave is not there. Pure, so safe on any thread.
#pragma once

#include "harness/oracle/oracle.h"

#include <optional>
#include <string_view>

namespace gauntlet::oracle {

/// The finding `not-applied` where replicas succeeded although `what` (`a tracker`) is not there;
/// nullopt where none succeeded, or where nothing was to be applied.
std::optional<core::Finding> nothing_applied(const Observation& observation, std::string_view what);

}  // namespace gauntlet::oracle
