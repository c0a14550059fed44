// Which migrations on disk a tracker does not hold. Pure, so safe on any thread.
#pragma once

#include "harness/oracle/oracle.h"

#include <vector>

namespace gauntlet::oracle {

/// By version. A tracker that keeps only the newest version holds every lower one, too. Needs
/// `applied`.
std::vector<core::AppliedRow> unrecorded(const Observation& observation);

}  // namespace gauntlet::oracle
