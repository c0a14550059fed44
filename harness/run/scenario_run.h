// One scenario with one subject, stage by stage. A call belongs to one thread.
#pragma once

#include "harness/arena/arena.h"
#include "harness/mutant/mutant.h"
#include "harness/run/run.h"
#include "harness/run/serial.h"
#include "harness/scenario/scenario.h"

namespace gauntlet::run {

/// `serial` is what serial runs of the scenario left. The subject is the options' program, or
/// `mutant`, or with neither the reference runner. Never throws an Error.
Run run_scenario(const scenario::Scenario& scenario, const mutant::Mutant* mutant,
                 const Serial& serial, arena::Arena& arena, const Options& options);

}  // namespace gauntlet::run
