#include "harness/cli/commands.h"
#include "harness/cli/deliver.h"
#include "harness/cli/ground.h"
#include "harness/cli/judging.h"
#include "harness/cli/output.h"
#include "harness/cli/scenario_choice.h"
#include "harness/cli/subject_choice.h"
#include "harness/cli/workers.h"
#include "harness/core/files.h"
#include "harness/core/history_file.h"
#include "harness/core/history_text.h"
#include "harness/formats/format.h"
#include "harness/mutant/mutant.h"
#include "harness/process/quoted_word.h"
#include "harness/run/repeats.h"
#include "harness/sql/migration_facts.h"

#include <algorithm>
#include <filesystem>
#include <memory>
#include <mutex>

#include <fmt/format.h>
#include <unistd.h>

namespace gauntlet::cli {

namespace {

const mutant::Mutant* mutant_of(const TestCommand& command) {
  if (command.mutant.empty()) return nullptr;
  if (const mutant::Mutant* mutant = mutant::find_mutant(command.mutant)) return mutant;
  throw UsageError(fmt::format(
      "--mutant: there is no mutant `{}`; `gauntlet list mutants` prints the known ones",
      command.mutant));
}

/// Why the files must not run on a given server; empty if they may.
std::string cluster_objection(const ChosenScenario& chosen) {
  for (const scenario::Stage& stage : chosen.scenario.stages) {
    for (const scenario::File& file : stage.files) {
      const auto words =
          sql::facts_of({.file = file.name, .bytes = file.sql, .checksum = {}}).cluster_wide;
      if (words.empty()) continue;
      return fmt::format(
          "not run on a given server: {} has {}, which changes the whole server; use `--database "
          "ephemeral`, or add `--allow-cluster-changes` if the server may be changed",
          file.name, words.front());
    }
  }
  return {};
}

class Running {
 public:
  Running(const TestCommand& command, const std::vector<ChosenScenario>& chosen,
          const mutant::Mutant* mutant, std::uint64_t seed)
      : command_(command), chosen_(chosen), mutant_(mutant), seed_(seed) {}

  core::Report run() {
    LiveLine line(STDERR_FILENO, screen_of(STDERR_FILENO));
    line.show("starting the server");
    const bool users = std::ranges::any_of(chosen_, &ChosenScenario::has_users_files);
    const Ground ground(command_.how, users ? Ground::Servers::one_each : Ground::Servers::one);
    const std::size_t repeats = command_.how.repeat;
    std::vector<std::optional<core::Judgement>> refused;
    for (const ChosenScenario& each : chosen_) refused.push_back(objection_to(each, ground));
    std::vector<run::Repeats> runs(chosen_.size());
    std::mutex mutex;
    std::size_t done = 0;
    share_out(chosen_.size() * repeats, jobs_of(command_.how), [&] {
      const auto judging = std::make_shared<Judging>(ground, line, options());
      return [&, judging](std::size_t item) {
        const std::size_t at = item / repeats, repeat = item % repeats;
        if (refused[at]) return;
        run::Run run =
            judging->at(position_of(at, repeat)).run(chosen_[at].scenario, mutant_, seed_ + repeat);
        run.result.replay = replay_line(chosen_[at], seed_ + repeat);
        const std::lock_guard held(mutex);
        runs[at].add(repeat, std::move(run));
        line.set_done(static_cast<double>(++done) / static_cast<double>(chosen_.size() * repeats));
      };
    });
    core::Report report{.kind = "scenario", .seed = seed_, .server = ground.facts()};
    for (std::size_t at = 0; at < chosen_.size(); ++at) {
      report.results.push_back(refused[at]
                                   ? core::Result{.id = std::string(chosen_[at].scenario.id),
                                                  .subject = command_.migrations,
                                                  .judgement = *refused[at]}
                                   : told(runs[at].whole(), chosen_[at]));
    }
    if (command_.how.keep) ground.keep();
    return report;
  }

 private:
  run::Options options() const {
    return {.patience = command_.how.timeout,
            .window = command_.how.window,
            .program = program_of(command_),
            .no_transaction = delivery(),
            .keep = command_.how.keep};
  }

  runner::NoTransaction delivery() const {
    return command_.format.marker ? runner::NoTransaction::directive
                                  : runner::NoTransaction::whole_file;
  }

  /// Why the scenario is not run at all; nullopt where it is.
  std::optional<core::Judgement> objection_to(const ChosenScenario& each,
                                              const Ground& ground) const {
    if (!each.objection.empty()) return core::not_applicable(each.objection);
    const bool guarded =
        each.has_users_files && !ground.arena().is_ephemeral() && !command_.allow_cluster_changes;
    const std::string why = guarded ? cluster_objection(each) : std::string();
    if (why.empty()) return std::nullopt;
    return core::unknown(why);
  }

  std::string position_of(std::size_t at, std::size_t repeat) const {
    std::string position = fmt::format("{} of {}", at + 1, chosen_.size());
    if (command_.how.repeat == 1) return position;
    return fmt::format("{}, run {} of {}", position, repeat + 1, command_.how.repeat);
  }

  core::Result told(run::Run whole, const ChosenScenario& chosen) const {
    if (!command_.history_file.empty() && whole.history.replicas > 0)
      write_file(history_file_of(chosen), core::saved(whole.history), Form::json, Readers::owner);
    return std::move(whole.result);
  }

  /// Of one scenario the file itself; of several a file each in a folder of that name.
  std::string history_file_of(const ChosenScenario& chosen) const {
    if (chosen_.size() == 1) return command_.history_file;
    std::filesystem::create_directories(command_.history_file);
    std::string name(chosen.scenario.id);
    std::ranges::replace(name, '/', '-');
    return std::filesystem::path(command_.history_file) / (name + ".json");
  }

  std::string replay_line(const ChosenScenario& chosen, std::uint64_t seed) const {
    return fmt::format("gauntlet test {}{}{} --seed {}", process::quoted_word(chosen.word),
                       replayed_subject(command_), replayed_flags(command_.how), seed);
  }

  const TestCommand& command_;
  const std::vector<ChosenScenario>& chosen_;
  const mutant::Mutant* mutant_;
  const std::uint64_t seed_;
};

}  // namespace

int test_scenarios(const TestCommand& command, const Catalogue& catalogue) {
  const mutant::Mutant* mutant = mutant_of(command);
  const std::uint64_t seed = command.how.seed.value_or(draw_seed());
  const Outcome outcome = outcome_of("test", seed, [&] {
    const ScenarioChoice choice(command, catalogue);
    const std::vector<ChosenScenario>& chosen = choice.scenarios();
    return Running(command, chosen, mutant, seed).run();
  });
  return deliver(outcome, command.how.outputs, command.migrations);
}

int show_history(const ShowCommand& command) {
  print_result(core::printed(core::read_history(core::read_file(command.file))));
  return 0;
}

}  // namespace gauntlet::cli
