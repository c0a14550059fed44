#include "harness/cli/vacuous_scenarios.h"

#include "harness/cli/choose.h"
#include "harness/cli/subject_choice.h"
#include "harness/run/run.h"

#include <algorithm>

#include <fmt/format.h>

namespace gauntlet::cli {

namespace {

run::Program mutated_program(const VacuousAsked& asked) {
  const MutantsCommand& command = asked.command;
  TestCommand test;
  test.runner = command.runner;
  test.subject_file = command.subject_file;
  test.project_format = command.project_format;
  test.applied_query = command.applied_query;
  test.success_codes = command.success_codes;
  run::Program program = program_of(test).value();
  program.change = [kind = asked.mutant.kind, known = asked.known](const core::Step& step) {
    return wire_mutant::change(kind, step, known, wire_mutant::salt_of(step.session));
  };
  return program;
}

/// Throws: UsageError where a name fits no scenario.
bool is_wanted(const VacuousAsked& asked, std::string_view id) {
  std::vector<std::string_view> ids;
  for (const scenario::Scenario& scenario : asked.catalogue) ids.push_back(scenario.id);
  const auto wanted = chosen(ids, asked.command.scenarios, "scenario");
  return std::ranges::any_of(wanted, [&](std::size_t at) { return ids[at] == id; });
}

/// All are held until the last has come: eight meet as sixteen do, in half the time.
scenario::Scenario with_few_copies(scenario::Scenario scenario) {
  constexpr std::size_t copies_max = 8;
  for (scenario::Stage& stage : scenario.stages)
    stage.replicas = std::min(stage.replicas, copies_max);
  return scenario;
}

std::string first_finding_of(const core::Judgement& judgement) {
  return judgement.findings.empty() ? "" : judgement.findings.front().id;
}

}  // namespace

void add_outcome_with_mutant(core::Result& result, std::string_view scenario,
                             std::string_view mutant, const core::Judgement& judgement) {
  switch (judgement.verdict) {
    case core::Verdict::violated:
      result.notes.push_back(
          fmt::format("killed by {}: {}", scenario, first_finding_of(judgement)));
      return;
    case core::Verdict::holds:
      result.notes.push_back(fmt::format("vacuous for this runner: {}", scenario));
      result.judgement.findings.push_back(
          {.id = "vacuous-scenario",
           .message = fmt::format("{} holds although the runner has the flaw {}: for this runner "
                                  "its pass says nothing of it",
                                  scenario, mutant),
           .fix = "rely on a scenario that kills this mutant",
           .severity = core::Severity::warning});
      return;
    default:
      result.notes.push_back(fmt::format("{} could not tell: {}", scenario, judgement.reason));
  }
}

void add_vacuous_scenarios(core::Result& result, const VacuousAsked& asked) {
  run::Verifier verifier(asked.arena, {.seed = asked.seed,
                                       .patience = asked.command.how.timeout,
                                       .window = asked.command.how.window,
                                       .program = mutated_program(asked)});
  for (const std::string_view id : asked.mutant.scenarios) {
    if (!is_wanted(asked, id)) continue;
    const auto found = std::ranges::find(asked.catalogue, id, &scenario::Scenario::id);
    if (found == asked.catalogue.end()) continue;
    asked.line.show(fmt::format("{}: {}", asked.mutant.name, id));
    const run::Run run = verifier.run(with_few_copies(*found), nullptr, asked.seed);
    add_outcome_with_mutant(result, id, asked.mutant.name, run.result.judgement);
  }
}

}  // namespace gauntlet::cli
