// Every scenario that ships with Gauntlet, one a file. Values; any thread may call.
#pragma once

#include "harness/scenario/scenario.h"

#include <vector>

namespace gauntlet::scenarios {

/// In the order of families and names.
const std::vector<scenario::Scenario>& catalogue();

}  // namespace gauntlet::scenarios
