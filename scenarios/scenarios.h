// The scenarios' own functions, one file each; catalogue.cpp lists them, and nobody else calls
// them.
#pragma once

#include "harness/scenario/scenario.h"

namespace gauntlet::scenarios {

scenario::Scenario already_applied();
scenario::Scenario bootstrap();
scenario::Scenario concurrent_index();
scenario::Scenario data_only();
scenario::Scenario lock_serializes();
scenario::Scenario pending();
scenario::Scenario read_before_lock();
scenario::Scenario session_state();
scenario::Scenario skip_hole();
scenario::Scenario slow_first();
scenario::Scenario small_pool();
scenario::Scenario staggered();

}  // namespace gauntlet::scenarios
