#include "harness/cli/explored.h"

#include "harness/cli/subject_choice.h"
#include "harness/run/body.h"
#include "harness/run/story.h"

#include <algorithm>
#include <filesystem>

#include <fmt/format.h>
#include <fmt/ranges.h>

namespace gauntlet::cli {

namespace {

constexpr std::string_view default_scenario = "concurrency/pending";
constexpr std::string_view mutant_word = "mutant ", runner_word = "runner ", file_word = "file ",
                           processes_word = "processes", reference_word = "reference";

/// The mutant's scenarios are tried in the order in which the mutant names them.
std::string scenario_of(const mutant::Mutant* mutant, const Catalogue& catalogue) {
  if (mutant == nullptr) return std::string(default_scenario);
  for (const std::string_view id : mutant->killed_by) {
    const auto found = std::ranges::find(catalogue, id, &scenario::Scenario::id);
    if (found != catalogue.end() && schedule::trial_of(*found, {}).objection.empty())
      return std::string(id);
  }
  return std::string(default_scenario);
}

void save_subject(const TestCommand& command, explore::Schedule& schedule) {
  schedule.format = command.project_format;
  schedule.applied_query = command.applied_query;
  if (command.success_codes != TestCommand().success_codes)
    schedule.success_codes = fmt::format("{}", fmt::join(command.success_codes, ","));
  if (!command.mutant.empty()) {
    schedule.subject = std::string(mutant_word) + command.mutant;
  } else if (!command.runner.empty()) {
    schedule.subject = std::string(runner_word) + command.runner;
  } else if (!command.subject_file.empty()) {
    schedule.subject =
        std::string(file_word) + std::filesystem::absolute(command.subject_file).string();
  } else {
    schedule.subject = command.processes ? processes_word : reference_word;
  }
}

std::vector<int> codes_of(const std::string& text) {
  std::vector<int> codes;
  for (std::size_t at = 0; at < text.size(); at = text.find(',', at)) {
    if (text[at] == ',') ++at;
    codes.push_back(std::atoi(text.c_str() + at));
  }
  return codes;
}

}  // namespace

ExploredRunner::ExploredRunner(const TestCommand& command) : program_(program_of(command)) {
  if (command.mutant.empty()) return;
  mutant_ = mutant::find_mutant(command.mutant);
  if (mutant_ == nullptr)
    throw UsageError(fmt::format(
        "--mutant: there is no mutant `{}`; `gauntlet list mutants` prints the known ones",
        command.mutant));
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
                                 const schedule::ExploredSubject& subject,
                                 const schedule::TrialOptions& options) {
  schedule::Trial trial = schedule::trial_of(chosen.scenario, options);
  if (trial.objection.empty() && subject.program != nullptr)
    trial.objection = run::objection(trial.scenario, *subject.program);
  if (!trial.objection.empty())
    throw UsageError(fmt::format("{} cannot be explored: {}", chosen.word, trial.objection));
  return trial;
}

void take_subject(const explore::Schedule& schedule, TestCommand& command) {
  const std::string& subject = schedule.subject;
  const auto rest = [&](std::string_view word) {
    return subject.starts_with(word) ? subject.substr(word.size()) : std::string();
  };
  command.mutant = rest(mutant_word);
  command.runner = rest(runner_word);
  command.subject_file = rest(file_word);
  command.processes = subject == processes_word;
  command.project_format = schedule.format;
  command.applied_query = schedule.applied_query;
  if (!schedule.success_codes.empty()) command.success_codes = codes_of(schedule.success_codes);
}

explore::Schedule schedule_of(const ChosenScenario& chosen, const schedule::Trial& trial,
                              const TestCommand& command, const schedule::TrialOptions& options,
                              const schedule::Ran& ran) {
  explore::Schedule schedule{.scenario = chosen.word,
                             .stage = std::string(trial.stage().name),
                             .replicas = options.replicas,
                             .lock = options.lock ? runner::to_string(*options.lock) : "",
                             .first_files = options.first_files,
                             .verdict = std::string(to_string(ran.judged.judgement.verdict)),
                             .steps = explore::steps_of(ran.seen.moments)};
  save_subject(command, schedule);
  for (const core::Finding& finding : ran.judged.judgement.findings)
    if (std::ranges::find(schedule.findings, finding.id) == schedule.findings.end())
      schedule.findings.push_back(finding.id);
  if (!trial.scenario.has_users_files) return schedule;
  for (const scenario::Stage& stage : trial.scenario.stages)
    for (const scenario::File& file : stage.files)
      schedule.files.push_back({.name = file.name, .text = file.sql});
  return schedule;
}

core::Result result_of(const schedule::Trial& trial, const schedule::ExploredSubject& subject,
                       const schedule::Ran& ran) {
  core::Result result{.id = fmt::format("explore/{}", trial.scenario.id),
                      .subject = subject.name(),
                      .judgement = ran.judged.judgement,
                      .notes = ran.judged.notes,
                      .skipped = ran.judged.skipped};
  result.story = run::story_of(ran.seen.history, trial.stage().name,
                               run::bodies_of(trial.folders.back().listing, trial.stage()));
  return result;
}

}  // namespace gauntlet::cli
