#include "harness/arena/interrupt.h"
#include "harness/cli/commands.h"
#include "harness/cli/deliver.h"
#include "harness/cli/explored.h"
#include "harness/cli/failing_schedule.h"
#include "harness/cli/ground.h"
#include "harness/cli/live_line.h"
#include "harness/cli/output.h"
#include "harness/cli/search_claim.h"
#include "harness/core/fnv1a.h"
#include "harness/explore/bounded.h"
#include "harness/explore/pct.h"
#include "harness/explore/random.h"
#include "harness/process/quoted_word.h"
#include "harness/schedule/checkpoint.h"
#include "harness/schedule/shrink.h"

#include <algorithm>
#include <filesystem>

#include <fmt/format.h>
#include <unistd.h>

namespace gauntlet::cli {

namespace {

namespace fs = std::filesystem;
/// A schedule that is reported is repeated so often first.
constexpr std::size_t replays = 10;
/// How often a search that goes on is saved.
constexpr std::chrono::seconds saved_every{5};
/// From a signal to the end of the schedule that is under way.
constexpr std::chrono::seconds interrupt_patience{20};

class Exploring {
 public:
  Exploring(const ExploreCommand& command, const Catalogue& catalogue, std::uint64_t seed,
            Outputs& outputs)
      : command_(command),
        seed_(seed),
        outputs_(outputs),
        runner_(command.test),
        choice_(scenario_to_explore(command.test, runner_.subject().mutant, catalogue)),
        options_{.replicas = command.replicas,
                 .first_files = command.first_files,
                 .lock = command.lock,
                 .faults = command.faults},
        trial_(trial_to_explore(choice_->scenarios().front(), runner_.subject(), options_)) {}

  core::Report run() {
    line_.show("starting the server");
    const Ground ground(command_.test.how);
    line_.show("one replica alone");
    schedule::Explorer explorer(trial_, runner_.subject(), ground.arena());
    const std::string difference = explorer.difference_between_two_runs();
    const auto strategy = strategy_of();
    const schedule::SearchResult found = search(explorer, *strategy);
    core::Report report{.kind = "search", .seed = seed_, .server = ground.facts()};
    server_ = report.server;
    report.results.push_back(found.violation ? violation_result(found, ground.arena())
                                             : result_without_violation(found));
    report.results.back().seconds = found.seconds;
    report.results.back().notes.push_back(claim().claim_of(found));
    if (!difference.empty())
      report.results.back().notes.push_back(
          "found, not reproducible: one schedule was run twice, and the second run " + difference);
    return report;
  }

 private:
  std::unique_ptr<explore::Strategy> strategy_of() {
    using Strategy = ExploreCommand::Strategy;
    if (command_.strategy == Strategy::random) return std::make_unique<explore::Random>(seed_);
    if (command_.strategy == Strategy::pct)
      return std::make_unique<explore::Pct>(seed_, command_.depth);
    auto bounded = std::make_unique<explore::Bounded>(
        explore::Bounded::Options{.preemptions_max = command_.preemptions,
                                  .shard = command_.shard,
                                  .reduces = !command_.runs_equal});
    bounded_ = bounded.get();
    return bounded;
  }

  SearchClaim claim() const { return {command_, bounded_, seed_}; }

  schedule::SearchResult search(schedule::Explorer& explorer, explore::Strategy& strategy) {
    std::optional<schedule::Checkpoint> checkpoint;
    schedule::SearchResult so_far;
    auto* bounded = dynamic_cast<explore::Bounded*>(&strategy);
    if (!command_.checkpoint.empty() && bounded != nullptr) {
      checkpoint.emplace(command_.checkpoint, search_text());
      so_far = checkpoint->take(*bounded).value_or(so_far);
    }
    std::optional<std::chrono::steady_clock::time_point> saved;
    schedule::SearchResult found = explorer.search(
        strategy,
        {.schedules_max = schedules_max(),
         .time = command_.time,
         .is_interrupted = [&] { return interrupt_.is_noted(); },
         .progress =
             [&](const schedule::SearchResult& result) {
               line_.show(fmt::format("{} schedules{}", result.schedules, claim().left_text()));
               const auto now = std::chrono::steady_clock::now();
               if (!checkpoint || (saved && now - *saved < saved_every)) return;
               checkpoint->write(*bounded, result);
               saved = now;
             }},
        std::move(so_far));
    if (checkpoint && !found.violation) checkpoint->write(*bounded, found);
    return found;
  }

  /// All that makes another search of it.
  std::string search_text() const {
    std::uint64_t files = core::fnv1a("");
    for (const scenario::Stage& stage : trial_.scenario.stages)
      for (const scenario::File& file : stage.files)
        files = core::fnv1a(file.sql, core::fnv1a(file.name, files));
    return fmt::format(
        "{} on {}, files {:x}, {} replicas, {} preemptions, shard {}/{}{}{}{}",
        runner_.subject().name(), trial_.scenario.id, files, trial_.calls.size(),
        command_.preemptions, command_.shard.number, command_.shard.of,
        command_.lock ? ", lock " + std::string(runner::to_string(*command_.lock)) : "",
        command_.faults ? ", one fault" : "", command_.runs_equal ? ", every schedule" : "");
  }

  /// A random search has no end of its own.
  std::size_t schedules_max() const {
    constexpr std::size_t random_schedules = 200;
    const bool is_endless = bounded_ == nullptr && command_.schedules_max == 0 && !command_.time;
    return is_endless ? random_schedules : command_.schedules_max;
  }

  core::Result result_without_violation(const schedule::SearchResult& found) const {
    core::Result result{.id = fmt::format("explore/{}", trial_.scenario.id),
                        .subject = runner_.subject().name(),
                        .judgement = claim().judgement_of(found)};
    result.claim = fmt::format("{} replicas of {} hold in every order of their statements",
                               trial_.calls.size(), result.subject);
    return result;
  }

  /// Shrunk where it can be, repeated, explained, drawn and saved.
  core::Result violation_result(const schedule::SearchResult& found, arena::Arena& arena) {
    const auto is_interrupted = [&] { return interrupt_.is_noted(); };
    const schedule::Trial* trial = &trial_;
    const schedule::Ran* ran = &*found.violation;
    schedule::TrialOptions options = options_;
    std::optional<schedule::Shrunk> shrunk;
    // At once: what follows takes a while, and may be interrupted.
    if (core::Result unused; !command_.save_folder.empty()) save(*trial, options, *ran, unused);
    if (!command_.keep_size) {
      line_.show("looking for a smaller schedule that fails alike");
      shrunk = schedule::shrink(choice_->scenarios().front().scenario, options_, runner_.subject(),
                                arena, *ran, {.is_interrupted = is_interrupted});
    }
    std::string size = fmt::format("schedule {} of the search is violated: {}", found.schedules,
                                   size_of(trial_, *ran));
    if (shrunk) {
      trial = shrunk->trial.get();
      ran = &shrunk->ran;
      options = shrunk->options;
      size += fmt::format("; shrunk to {}", size_of(*trial, *ran));
    }
    line_.show("replaying it");
    const Reproduced again =
        reproduce(*trial, runner_.subject(), arena, *ran, replays, is_interrupted);
    core::Result result = failure_result(*trial, runner_.subject(), *ran);
    if (again.times > 0 && again.violated == 0)
      result.judgement = core::unknown(fmt::format(
          "a schedule was violated once, and in none of {} repetitions; run the search again, on a "
          "machine that does less else",
          again.times));
    result.notes.insert(result.notes.begin(), {size, again.text()});
    if (const std::string holds = claim().what_holds(found.violation->seen.moments); !holds.empty())
      result.notes.push_back(holds);
    if (!command_.save_folder.empty()) save(*trial, options, *ran, result);
    write_pages(outputs_, *ran, result);
    return result;
  }

  static std::string size_of(const schedule::Trial& trial, const schedule::Ran& ran) {
    const std::size_t overlaps = explore::overlaps_in(ran.seen.moments);
    return fmt::format("{} replicas, {} migrations, {} preemptions, {}{} steps", trial.calls.size(),
                       schedule::migrations_in(trial), explore::preemptions_in(ran.seen.moments),
                       overlaps > 0 ? fmt::format("{} overlaps, ", overlaps) : std::string(),
                       ran.seen.moments.size());
  }

  void save(const schedule::Trial& trial, const schedule::TrialOptions& options,
            const schedule::Ran& ran, core::Result& result) const {
    explore::Schedule schedule =
        schedule_of(choice_->scenarios().front(), trial, command_.test, options, ran);
    if (server_) schedule.server = server_->version;
    const mutant::Mutant* mutant = runner_.subject().mutant;
    std::string name(mutant == nullptr ? trial_.scenario.id : mutant->name);
    std::ranges::replace(name, '/', '-');
    std::error_code ignored;  // writing reports what is wrong with the folder
    fs::create_directories(command_.save_folder, ignored);
    const fs::path file = fs::path(command_.save_folder) / (name + ".schedule");
    write_file(file, explore::to_text(schedule), Form::text);
    result.replay = fmt::format("gauntlet replay {}", process::quoted_word(file.string()));
  }

  const ExploreCommand& command_;
  const std::uint64_t seed_;
  Outputs& outputs_;  ///< without the pages that were written
  const ExploredRunner runner_;
  const std::unique_ptr<ScenarioChoice> choice_;
  const schedule::TrialOptions options_;
  const schedule::Trial trial_;
  arena::InterruptNote interrupt_{interrupt_patience};
  LiveLine line_{STDERR_FILENO, screen_of(STDERR_FILENO)};
  const explore::Bounded* bounded_ = nullptr;  ///< the strategy; null: another
  std::optional<core::ServerFacts> server_ = {};
};

}  // namespace

int explore_schedules(const ExploreCommand& command, const Catalogue& catalogue) {
  const std::uint64_t seed = command.test.how.seed.value_or(draw_seed());
  Outputs outputs = command.test.how.outputs;
  const Outcome outcome = outcome_of(
      "explore", seed, [&] { return Exploring(command, catalogue, seed, outputs).run(); });
  return deliver(outcome, outputs, command.test.migrations);
}

}  // namespace gauntlet::cli
