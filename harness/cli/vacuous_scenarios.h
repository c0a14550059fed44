// Scenarios of the catalogue that stay green although a runner's copies have a flaw that harms:
// their pass says nothing about this runner. One thread, with which the copies die.
#pragma once

#include "harness/cli/commands.h"
#include "harness/cli/live_line.h"
#include "harness/core/report.h"
#include "harness/wire_mutant/changes.h"
#include "harness/wire_mutant/mutants.h"

#include <cstdint>
#include <string_view>

namespace gauntlet::cli {

struct VacuousAsked {
  const MutantsCommand& command;
  const Catalogue& catalogue;
  const wire_mutant::WireMutant& mutant;  ///< graded `needed`
  const wire_mutant::Known& known;
  arena::Arena& arena;
  LiveLine& line;
  std::uint64_t seed = 0;
};

/// What `judgement`, of the scenario with mutated copies, says of the scenario: a note, and the
/// warning `vacuous-scenario` where it holds. Pure.
void add_outcome_with_mutant(core::Result& result, std::string_view scenario,
                             std::string_view mutant, const core::Judgement& judgement);

/// Runs each scenario that is about the mutant's flaw with mutated copies. `result` gets a note for
/// each, and the warning `vacuous-scenario` for one that holds. Throws: Error of the arena.
void add_vacuous_scenarios(core::Result& result, const VacuousAsked& asked);

}  // namespace gauntlet::cli
