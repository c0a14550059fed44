// What `explore` and `replay` have in common: the scenario and the subject that they mean, the
// schedule as it is saved, and the result as it is reported. One thread.
#pragma once

#include "harness/cli/command_line.h"
#include "harness/cli/scenario_choice.h"
#include "harness/core/report.h"
#include "harness/explore/schedule.h"
#include "harness/mutant/mutant.h"
#include "harness/run/program.h"
#include "harness/schedule/explorer.h"
#include "harness/schedule/trial.h"

#include <memory>
#include <optional>
#include <string>

namespace gauntlet::cli {

/// Whom a command explores.
class ExploredRunner {
 public:
  /// Throws: UsageError; Error of a subject file.
  explicit ExploredRunner(const TestCommand& command);

  schedule::ExploredSubject subject() const {
    return {.mutant = mutant_, .program = program_ ? &*program_ : nullptr};
  }

 private:
  const mutant::Mutant* mutant_ = nullptr;
  std::optional<run::Program> program_;
};

/// The one scenario of the command; without one, the first that the mutant names and that can be
/// explored. Throws: UsageError.
std::unique_ptr<ScenarioChoice> scenario_to_explore(TestCommand test, const mutant::Mutant* mutant,
                                                    const Catalogue& catalogue);

/// Throws: UsageError that names the reason why it cannot be explored.
schedule::Trial trial_to_explore(const ChosenScenario& chosen,
                                 const schedule::ExploredSubject& subject,
                                 const schedule::TrialOptions& options);

/// The subject of a saved schedule, as if the command line named it.
void take_subject(const explore::Schedule& schedule, TestCommand& command);

explore::Schedule schedule_of(const ChosenScenario& chosen, const schedule::Trial& trial,
                              const TestCommand& command, const schedule::TrialOptions& options,
                              const schedule::Ran& ran);

/// Of a violated schedule: findings and story.
core::Result result_of(const schedule::Trial& trial, const schedule::ExploredSubject& subject,
                       const schedule::Ran& ran);

}  // namespace gauntlet::cli
