// What the sessions of a database wait for: read before anybody is ended, since nothing of it is
// left afterwards. Any thread.
#pragma once

#include "harness/arena/address.h"
#include "harness/core/history.h"

#include <vector>

namespace gauntlet::fleet {

/// All client sessions but its own, those that wait first. Empty where the server cannot be asked,
/// and for a file.
std::vector<core::SessionWait> waits_in(const arena::Address& database);

}  // namespace gauntlet::fleet
