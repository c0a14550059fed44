#include "harness/explore/replay.h"

#include "harness/cli/commands.h"
#include "harness/cli/deliver.h"
#include "harness/cli/explored.h"
#include "harness/cli/failing_schedule.h"
#include "harness/cli/ground.h"
#include "harness/cli/live_line.h"
#include "harness/cli/output.h"
#include "harness/core/files.h"
#include "runner/source/source.h"

#include <algorithm>

#include <fmt/format.h>
#include <unistd.h>

namespace gauntlet::cli {

namespace {

explore::Schedule schedule_in(const std::string& file) {
  try {
    return explore::read_schedule(core::read_file(file));
  } catch (const runner::Error& error) {
    if (error.code() != "bad-schedule") throw;
    throw runner::Error("bad-schedule", error.message(), fmt::format("{}, {}", file, error.where()),
                        error.fix());
  }
}

/// The migrations that are saved with the schedule, in their order.
std::vector<scenario::Migration> migrations_of(const explore::Schedule& schedule) {
  std::vector<runner::Script> scripts;
  for (const explore::Schedule::File& file : schedule.files)
    scripts.push_back({.file = file.name, .bytes = file.text, .checksum = {}});
  std::vector<scenario::Migration> migrations;
  for (const runner::Migration& migration : runner::list_scripts(scripts).migrations) {
    migrations.push_back({{migration.up.file.filename().string(), migration.up.bytes}});
    if (migration.down)
      migrations.back().push_back(
          {migration.down->file.filename().string(), migration.down->bytes});
  }
  return migrations;
}

class Replaying {
 public:
  Replaying(const ReplayCommand& command, const Catalogue& catalogue, std::uint64_t seed,
            Outputs& outputs)
      : command_(command),
        seed_(seed),
        outputs_(outputs),
        schedule_(schedule_in(command.file)),
        test_(test_command()),
        runner_(test_),
        choice_(scenario_to_explore(test_, runner_.subject().mutant, catalogue)),
        trial_(trial_to_explore(chosen(), runner_.subject(), trial_options())) {}

  core::Report run() {
    LiveLine line(STDERR_FILENO, screen_of(STDERR_FILENO));
    line.show("starting the server");
    const Ground ground(command_.test.how);
    schedule::Explorer explorer(trial_, runner_.subject(), ground.arena());
    explore::Replay replay(schedule_.steps, command_.times);
    const auto start = std::chrono::steady_clock::now();
    std::optional<schedule::Ran> last;
    explorer.start_ahead(command_.times > 1);
    while (replay.begin()) {
      line.show(fmt::format("replay {} of {}", ++runs_, command_.times));
      schedule::Ran ran = explorer.run(replay);
      if (!ran.seen.divergence.empty()) {
        ++diverged_;
        if (divergence_.empty()) divergence_ = ran.seen.divergence;
      }
      if (ran.is_violated()) ++violated_;
      if (!last || ran.is_violated()) last = std::move(ran);
    }
    core::Report report{.kind = "replay", .seed = seed_, .server = ground.facts()};
    report.results.push_back(result_of_runs(*last));
    report.results.back().seconds = std::chrono::steady_clock::now() - start;
    return report;
  }

  /// Without the targets that were written already.

 private:
  bool is_another_subject() const {
    const TestCommand& named = command_.test;
    return command_.with_reference || !named.mutant.empty() || !named.runner.empty() ||
           !named.subject_file.empty() || named.processes;
  }

  TestCommand test_command() const {
    TestCommand test = command_.test;
    if (!is_another_subject()) take_subject(schedule_, test);
    test.scenarios = {schedule_.scenario};
    return test;
  }

  schedule::TrialOptions trial_options() const {
    schedule::TrialOptions options{
        .replicas = schedule_.replicas,
        .first_files = schedule_.first_files,
        .faults = std::ranges::any_of(schedule_.steps, [](const explore::Schedule::Step& step) {
          return explore::is_fault(step.choice.what);
        })};
    if (!schedule_.lock.empty()) options.lock = runner::parse_lock_mode(schedule_.lock);
    return options;
  }

  ChosenScenario chosen() const {
    ChosenScenario chosen = choice_->scenarios().front();
    if (schedule_.files.empty()) return chosen;
    scenario::Replaced replaced = scenario::with_files(chosen.scenario, migrations_of(schedule_));
    if (!replaced.objection.empty())
      throw UsageError(fmt::format("{}: {}", command_.file, replaced.objection));
    chosen.scenario = std::move(replaced.scenario);
    return chosen;
  }

  core::Result result_of_runs(const schedule::Ran& ran) {
    core::Result result = failure_result(trial_, runner_.subject(), ran);
    result.id = fmt::format("replay/{}", trial_.scenario.id);
    result.claim = fmt::format("the schedule in {} is no longer violated", command_.file);
    result.notes.push_back(fmt::format("violated {}/{}", violated_, runs_));
    if (diverged_ > 0) {
      result.notes.push_back(fmt::format("{} of {} runs {}", diverged_, runs_, divergence_));
      // Another runner does something else; what counts is what came of it.
      if (!is_another_subject()) result.judgement = core::unknown(divergence_);
    }
    if (result.judgement.verdict == core::Verdict::holds) {
      result.story = {};
    } else {
      write_pages(outputs_, ran, result);
    }
    return result;
  }

  const ReplayCommand& command_;
  const std::uint64_t seed_;
  Outputs& outputs_;  ///< without the pages that were written
  const explore::Schedule schedule_;
  const TestCommand test_;
  const ExploredRunner runner_;
  const std::unique_ptr<ScenarioChoice> choice_;
  const schedule::Trial trial_;
  std::size_t runs_ = 0, violated_ = 0, diverged_ = 0;
  std::string divergence_ = {};
};

}  // namespace

int replay_schedule(const ReplayCommand& command, const Catalogue& catalogue) {
  const std::uint64_t seed = command.test.how.seed.value_or(draw_seed());
  Outputs outputs = command.test.how.outputs;
  const Outcome outcome = outcome_of(
      "replay", seed, [&] { return Replaying(command, catalogue, seed, outputs).run(); });
  return deliver(outcome, outputs, {});
}

}  // namespace gauntlet::cli
