#include "harness/run/run.h"

#include "harness/run/asked.h"
#include "harness/run/nothing_applied.h"
#include "harness/run/scenario_run.h"

#include <algorithm>
#include <utility>

#include <fmt/format.h>

namespace gauntlet::run {

namespace {

using scenario::Scenario;
using scenario::Stage;

/// A reason that begins with `it` begins with the program's name.
std::string spoken_of(const Program& program, std::string why) {
  if (!why.starts_with("it ")) return why;
  return program.subject.name + why.substr(2);
}

Run not_asked(const Scenario& scenario, const Program& program, std::string why) {
  return {.result = {.id = std::string(scenario.id),
                     .subject = program.subject.name,
                     .judgement = core::not_applicable(spoken_of(program, std::move(why)))},
          .history = {}};
}

bool has_others_beside(const Scenario& scenario) {
  return std::ranges::any_of(scenario.stages, [](const Stage& stage) {
    return std::ranges::any_of(stage.beside, &scenario::Beside::is_another);
  });
}

}  // namespace

core::Result verify(const Scenario& scenario, const mutant::Mutant* mutant, arena::Arena& arena,
                    const Options& options) {
  return Verifier(arena, options).run(scenario, mutant, options.seed).result;
}

Run Verifier::run(const Scenario& told, const mutant::Mutant* mutant, std::uint64_t seed) {
  const Program* program = options_.program ? &*options_.program : nullptr;
  const Scenario scenario = program == nullptr ? told : asked_of_program(told, *program);
  if (program != nullptr) {
    if (std::string why = objection(scenario, *program); !why.empty())
      return not_asked(scenario, *program, std::move(why));
  }
  if (program == nullptr && has_others_beside(scenario))
    return {.result = {.id = std::string(scenario.id),
                       .subject = "gauntlet-migrate",
                       .judgement = core::not_applicable(
                           "another program, or another folder, stands beside the subject, which "
                           "is a thread here: name a program with --runner, or --processes")},
            .history = {}};
  arena::Arena& arena = scenario.engine == runner::Engine::sqlite ? *files_ : arena_;
  const bool beside_reference = scenario.about == scenario::About::one_replica;
  auto serial = serial_.find(scenario.id);
  if (serial == serial_.end()) {
    tell(fmt::format("{}: one replica alone", scenario.id));
    serial = serial_
                 .emplace(scenario.id,
                          run_serially(scenario, beside_reference ? nullptr : program, arena,
                                       {.patience = options_.patience.value_or(scenario.patience),
                                        .no_transaction = options_.no_transaction}))
                 .first;
  }
  if (program != nullptr) {
    if (std::string why = objection_once_seen(scenario, *program, serial->second); !why.empty())
      return not_asked(scenario, *program, std::move(why));
  }
  if (program != nullptr && beside_reference) {
    // A claim about one replica has no run of the program alone before it.
    const std::string& nothing = alone_on_plainest(*program).applied_nothing;
    if (!nothing.empty()) {
      Run run = not_asked(scenario, *program, {});
      run.result.judgement = nothing_applied(scenario, *program, nothing);
      return run;
    }
  }
  tell(fmt::format("{}: {} replicas", scenario.id, scenario.stages.back().replicas));
  Options options = options_;
  options.seed = seed;
  Run run = run_scenario(scenario, mutant, serial->second, arena, options);
  core::Judgement& judgement = run.result.judgement;
  const bool may_be_called_wrongly = beside_reference || serial->second.failed_alone;
  if (program != nullptr && may_be_called_wrongly && judgement.verdict == core::Verdict::violated) {
    // Or it is called wrongly, and fails whatever the files are; unless it was seen to send them.
    const Serial& alone = alone_on_plainest(*program);
    if (!alone.failure.empty() && alone.not_as_files.empty() && !alone.sent_files)
      judgement = core::unknown(alone.failure);
  }
  return run;
}

void Verifier::tell(const std::string& doing) const {
  if (options_.progress) options_.progress(doing);
}

}  // namespace gauntlet::run
