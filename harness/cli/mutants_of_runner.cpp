// `gauntlet mutants --runner CMD`: flaws put into a runner of somebody else's, on the wire.
#include "harness/cli/choose.h"
#include "harness/cli/commands.h"
#include "harness/cli/deliver.h"
#include "harness/cli/ground.h"
#include "harness/cli/live_line.h"
#include "harness/cli/subject_choice.h"
#include "harness/cli/vacuous_scenarios.h"
#include "harness/wire_mutant/race.h"

#include <chrono>

#include <fmt/format.h>
#include <unistd.h>

namespace gauntlet::cli {
namespace {

using wire_mutant::Grade;

NamedRunner runner_named_by(const MutantsCommand& command) {
  return {.runner = command.runner,
          .subject_file = command.subject_file,
          .format = command.project_format,
          .success_codes = command.success_codes,
          .timeout = command.how.timeout};
}

/// All of them where none is named. Throws: UsageError.
std::vector<std::string_view> named_mutants(const MutantsCommand& command) {
  std::vector<std::string_view> names;
  for (const wire_mutant::WireMutant& mutant : wire_mutant::wire_mutants())
    names.push_back(mutant.name);
  std::vector<std::string_view> named;
  for (const std::size_t at : chosen(names, command.mutants, "mutant")) named.push_back(names[at]);
  return named;
}

std::string replay_of(const MutantsCommand& command, std::string_view mutant) {
  return fmt::format("gauntlet mutants {}", mutant) +
         named_again(runner_named_by(command), command.applied_query) + replayed_flags(command.how);
}

core::Judgement judgement_of(const wire_mutant::MutantResult& result) {
  const std::string told = fmt::format("{}: {}", to_string(result.graded.grade), result.graded.why);
  if (result.graded.grade == Grade::unknown || result.graded.grade == Grade::unviable)
    return core::not_applicable(told);
  core::Judgement judgement = core::judged({});
  judgement.reason = told;
  if (result.graded.grade == Grade::no_lock &&
      result.mutant.kind == wire_mutant::Kind::lock_is_noop)
    judgement.findings.push_back(
        {.id = "no-lock",
         .message = "the runner takes no lock that can be seen: " + result.graded.why,
         .fix = "let one replica migrate at a time",
         .severity = core::Severity::warning});
  return judgement;
}

core::Report graded_report(const MutantsCommand& command,
                           const std::vector<std::string_view>& mutants, const Catalogue& catalogue,
                           std::uint64_t seed) {
  LiveLine line(STDERR_FILENO, screen_of(STDERR_FILENO));
  line.show("starting the server");
  const Ground ground(command.how);
  const fleet::SubjectFile subject = subject_file_of(runner_named_by(command));
  const wire_mutant::RunnerGrades grades = wire_mutant::grade_runner(
      {.subject = subject,
       .applied_query = applied_query_of(subject, command.applied_query),
       .only = mutants},
      ground.arena(), [&line](std::string_view doing) { line.show(doing); });
  core::Report report{.kind = "mutant", .seed = seed, .server = ground.facts()};
  for (const wire_mutant::MutantResult& result : grades.results) {
    report.results.push_back(
        {.id = fmt::format("mutant/{}", result.mutant.name),
         .subject = grades.runner,
         .judgement = judgement_of(result),
         .seconds = std::chrono::duration<double>(result.seconds),
         .replay = replay_of(command, result.mutant.name),
         .notes = {fmt::format("grade: {}", to_string(result.graded.grade)),
                   fmt::format("the runner {}", result.mutant.flaw), result.graded.why}});
    if (result.graded.grade == Grade::needed)
      add_vacuous_scenarios(report.results.back(), {.command = command,
                                                    .catalogue = catalogue,
                                                    .mutant = result.mutant,
                                                    .known = grades.known,
                                                    .arena = ground.arena(),
                                                    .line = line,
                                                    .seed = seed});
  }
  if (!report.results.empty())
    for (const std::string& lock : grades.locks)
      report.results.front().notes.push_back("seen: " + lock);
  return report;
}

}  // namespace

int grade_mutants(const MutantsCommand& command, const Catalogue& catalogue) {
  const std::uint64_t seed = command.how.seed.value_or(draw_seed());
  const std::vector<std::string_view> mutants = named_mutants(command);
  const Outcome outcome =
      outcome_of("mutants", seed, [&] { return graded_report(command, mutants, catalogue, seed); });
  return deliver(outcome, command.how.outputs, {});
}

}  // namespace gauntlet::cli
