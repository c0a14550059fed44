// The oracles' own functions, one file each; oracle.cpp lists them, and nobody else calls them.
// Pure, so safe on any thread.
#pragma once

#include "harness/oracle/oracle.h"

namespace gauntlet::oracle {

core::Judgement all_succeed(const Observation& observation);
core::Judgement data_equals_serial(const Observation& observation);
core::Judgement idempotent(const Observation& observation);
core::Judgement no_lock_left(const Observation& observation);
core::Judgement schema_equals_serial(const Observation& observation);
core::Judgement set_equality(const Observation& observation);

}  // namespace gauntlet::oracle
