// Why replicas that lock still run into each other, as the history shows: the snapshot is older
// than the lock, bodies run outside the lock, replicas take different keys. Pure, so safe on any
// thread.
#pragma once

#include "harness/oracle/oracle.h"

#include <vector>

namespace gauntlet::oracle {

/// Warnings, each with its own remedy: on their own they break no claim. Where a run is violated,
/// they say why.
std::vector<core::Finding> causes_in(const Observation& observation);

}  // namespace gauntlet::oracle
