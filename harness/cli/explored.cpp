#include "harness/cli/explored.h"

#include "harness/run/body.h"
#include "harness/run/story.h"

#include <algorithm>

#include <fmt/format.h>

namespace gauntlet::cli {

namespace {

constexpr std::string_view default_scenario = "concurrency/pending";

/// The mutant's scenarios are tried in the order in which the mutant names them.
std::string scenario_of(const mutant::Mutant* mutant, const Catalogue& catalogue) {
  if (mutant == nullptr) return std::string(default_scenario);
  for (const std::string_view id : mutant->caught_by) {
    const auto found = std::ranges::find(catalogue, id, &scenario::Scenario::id);
    if (found != catalogue.end() && schedule::trial_of(*found, {}).objection.empty())
      return std::string(id);
  }
  return std::string(default_scenario);
}

}  // namespace

const mutant::Mutant* mutant_named(const std::string& name) {
  if (name.empty()) return nullptr;
  if (const mutant::Mutant* mutant = mutant::find_mutant(name)) return mutant;
  throw UsageError(fmt::format(
      "--mutant: there is no mutant `{}`; `gauntlet list mutants` prints the known ones", name));
}

std::unique_ptr<ScenarioChoice> scenario_to_explore(TestCommand test, const mutant::Mutant* mutant,
                                                    const Catalogue& catalogue) {
  if (test.scenarios.empty())
    test.scenarios = {test.migrations.empty() ? scenario_of(mutant, catalogue)
                                              : std::string(default_scenario)};
  auto choice = std::make_unique<ScenarioChoice>(test, catalogue);
  if (choice->scenarios().size() != 1)
    throw UsageError(fmt::format("one scenario is explored at a time, and {} were named",
                                 choice->scenarios().size()));
  if (const std::string& why = choice->scenarios().front().objection; !why.empty())
    throw UsageError("--migrations: " + why);
  return choice;
}

schedule::Trial trial_to_explore(const ChosenScenario& chosen,
                                 const schedule::TrialOptions& options) {
  schedule::Trial trial = schedule::trial_of(chosen.scenario, options);
  if (!trial.objection.empty())
    throw UsageError(fmt::format("{} cannot be explored: {}", chosen.word, trial.objection));
  return trial;
}

std::string subject_line(const mutant::Mutant* mutant) {
  return mutant == nullptr ? "reference" : fmt::format("mutant {}", mutant->name);
}

explore::Schedule schedule_of(const ChosenScenario& chosen, const schedule::Trial& trial,
                              const mutant::Mutant* mutant, const schedule::TrialOptions& options,
                              const schedule::Ran& ran) {
  explore::Schedule schedule{.subject = subject_line(mutant),
                             .scenario = chosen.word,
                             .stage = std::string(trial.stage().name),
                             .replicas = options.replicas,
                             .lock = options.lock ? runner::to_string(*options.lock) : "",
                             .first_files = options.first_files,
                             .verdict = std::string(to_string(ran.judged.judgement.verdict)),
                             .steps = explore::steps_of(ran.seen.moments)};
  for (const core::Finding& finding : ran.judged.judgement.findings)
    if (std::ranges::find(schedule.findings, finding.id) == schedule.findings.end())
      schedule.findings.push_back(finding.id);
  if (!trial.scenario.has_users_files) return schedule;
  for (const scenario::Stage& stage : trial.scenario.stages)
    for (const scenario::File& file : stage.files)
      schedule.files.push_back({.name = file.name, .text = file.sql});
  return schedule;
}

core::Result result_of(const schedule::Trial& trial, const mutant::Mutant* mutant,
                       const schedule::Ran& ran) {
  core::Result result{.id = fmt::format("explore/{}", trial.scenario.id),
                      .subject = mutant == nullptr ? "gauntlet-migrate" : std::string(mutant->name),
                      .judgement = ran.judged.judgement,
                      .notes = ran.judged.notes,
                      .skipped = ran.judged.skipped};
  result.story = run::story_of(ran.seen.history, trial.stage().name,
                               run::bodies_of(trial.folders.back().listing, trial.stage()));
  return result;
}

}  // namespace gauntlet::cli
