// Files that came late: they are on disk, not applied, and below a version that was applied before.
// A runner that refuses them loudly and one that passes them over in silence are two findings with
// two remedies. Pure, so safe on any thread.
#pragma once

#include "harness/core/verdict.h"
#include "harness/oracle/oracle.h"

namespace gauntlet::oracle {

/// What several oracles say of one late file becomes one finding: `hole-skipped` for a runner that
/// succeeded without it, `hole-refused` for one that failed because of it. Other findings stay.
void name_holes(core::Judgement& judgement, const Observation& observation);

}  // namespace gauntlet::oracle
