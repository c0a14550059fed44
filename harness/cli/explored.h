// What `explore` and `replay` have in common: the scenario and the subject that they mean, the
// schedule as it is saved, and the result as it is reported. One thread.
#pragma once

#include "harness/cli/command_line.h"
#include "harness/cli/scenario_choice.h"
#include "harness/core/report.h"
#include "harness/explore/schedule.h"
#include "harness/mutant/mutant.h"
#include "harness/schedule/explorer.h"
#include "harness/schedule/trial.h"

#include <memory>
#include <string>

namespace gauntlet::cli {

/// Throws: UsageError if there is no such mutant.
const mutant::Mutant* mutant_named(const std::string& name);

/// The one scenario of the command; without one, the first that the mutant names and that can be
/// explored. Throws: UsageError.
std::unique_ptr<ScenarioChoice> scenario_to_explore(TestCommand test, const mutant::Mutant* mutant,
                                                    const Catalogue& catalogue);

/// Throws: UsageError that names the reason why it cannot be explored.
schedule::Trial trial_to_explore(const ChosenScenario& chosen,
                                 const schedule::TrialOptions& options);

std::string subject_line(const mutant::Mutant* mutant);

explore::Schedule schedule_of(const ChosenScenario& chosen, const schedule::Trial& trial,
                              const mutant::Mutant* mutant, const schedule::TrialOptions& options,
                              const schedule::Ran& ran);

/// Of a violated schedule: findings and story.
core::Result result_of(const schedule::Trial& trial, const mutant::Mutant* mutant,
                       const schedule::Ran& ran);

}  // namespace gauntlet::cli
