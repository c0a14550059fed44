#include "harness/cli/commands.h"
#include "harness/cli/deliver.h"
#include "harness/cli/explored.h"
#include "harness/cli/failing_schedule.h"
#include "harness/cli/ground.h"
#include "harness/cli/live_line.h"
#include "harness/cli/output.h"
#include "harness/explore/bounded.h"
#include "harness/explore/random.h"
#include "harness/process/quoted_word.h"
#include "harness/schedule/shrink.h"

#include <algorithm>
#include <filesystem>

#include <fmt/format.h>
#include <unistd.h>

namespace gauntlet::cli {

namespace {

namespace fs = std::filesystem;
using End = schedule::SearchResult::End;

/// A schedule that is reported is repeated so often first.
constexpr std::size_t replays = 10;

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
    const schedule::SearchResult found = explorer.search(
        *strategy, {.schedules_max = schedules_max(),
                    .time = command_.time,
                    .progress = [&](std::size_t schedules) {
                      line_.show(fmt::format("{} schedules{}", schedules, left_text()));
                    }});
    core::Report report{.kind = "search", .seed = seed_, .server = ground.facts()};
    server_ = report.server;
    report.results.push_back(found.violation ? violation_result(found, ground.arena())
                                             : result_without_violation(found));
    report.results.back().seconds = found.seconds;
    report.results.back().notes.push_back(claim_of(found));
    if (!difference.empty())
      report.results.back().notes.push_back(
          "found, not reproducible: one schedule was run twice, and the second run " + difference);
    return report;
  }

 private:
  std::unique_ptr<explore::Strategy> strategy_of() {
    if (command_.strategy == ExploreCommand::Strategy::random)
      return std::make_unique<explore::Random>(seed_);
    auto bounded = std::make_unique<explore::Bounded>(command_.preemptions, command_.shard);
    bounded_ = bounded.get();
    return bounded;
  }

  /// A random search has no end of its own.
  std::size_t schedules_max() const {
    constexpr std::size_t random_schedules = 200;
    const bool is_endless = bounded_ == nullptr && command_.schedules_max == 0 && !command_.time;
    return is_endless ? random_schedules : command_.schedules_max;
  }

  std::string left_text() const {
    return bounded_ == nullptr ? "" : fmt::format(", {} known and not run yet", bounded_->left());
  }

  core::Result result_without_violation(const schedule::SearchResult& found) const {
    core::Result result{.id = fmt::format("explore/{}", trial_.scenario.id),
                        .subject = runner_.subject().name(),
                        .judgement = judgement_of(found)};
    result.claim = fmt::format("{} replicas of {} hold in every order of their statements",
                               trial_.calls.size(), result.subject);
    return result;
  }

  /// Shrunk where it can be, repeated, explained, drawn and saved.
  core::Result violation_result(const schedule::SearchResult& found, arena::Arena& arena) {
    const schedule::Trial* trial = &trial_;
    const schedule::Ran* ran = &*found.violation;
    schedule::TrialOptions options = options_;
    std::optional<schedule::Shrunk> shrunk;
    // At once: what follows takes a while, and may be interrupted.
    if (core::Result unused; !command_.save_folder.empty()) save(*trial, options, *ran, unused);
    if (!command_.keep_size) {
      line_.show("looking for a smaller schedule that fails alike");
      shrunk = schedule::shrink(choice_->scenarios().front().scenario, options_, runner_.subject(),
                                arena, *ran, {});
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
    const Reproduced again = reproduce(*trial, runner_.subject(), arena, *ran, replays);
    core::Result result = failure_result(*trial, runner_.subject(), *ran);
    result.notes.insert(result.notes.begin(), {size, again.text()});
    if (const std::string holds = what_holds(found.violation->seen.moments); !holds.empty())
      result.notes.push_back(holds);
    if (!command_.save_folder.empty()) save(*trial, options, *ran, result);
    write_pages(outputs_, *ran, result);
    return result;
  }

  /// What the search had run before it came to the one that is violated.
  std::string what_holds(const explore::Moments& moments) const {
    if (bounded_ == nullptr) return {};
    const std::size_t overlaps = explore::overlaps_in(moments);
    if (overlaps > 0)
      return fmt::format(
          "every schedule with fewer than {} overlaps and at most {} preemptions "
          "holds",
          overlaps, command_.preemptions);
    const std::size_t preemptions = explore::preemptions_in(moments);
    if (preemptions == 0) return {};
    return fmt::format("every schedule with fewer than {} preemptions holds", preemptions);
  }

  static std::string size_of(const schedule::Trial& trial, const schedule::Ran& ran) {
    const std::size_t overlaps = explore::overlaps_in(ran.seen.moments);
    return fmt::format("{} replicas, {} migrations, {} preemptions, {}{} steps", trial.calls.size(),
                       schedule::migrations_in(trial), explore::preemptions_in(ran.seen.moments),
                       overlaps > 0 ? fmt::format("{} overlaps, ", overlaps) : std::string(),
                       ran.seen.moments.size());
  }

  core::Judgement judgement_of(const schedule::SearchResult& found) const {
    if (found.undecided > 0)
      return core::unknown(fmt::format("{} of {} schedules could not be decided; the first: {}",
                                       found.undecided, found.schedules, found.first_undecided));
    if (found.diverged > 0)
      return core::unknown(fmt::format(
          "{} of {} schedules did not repeat the beginning that they share with an earlier "
          "one, so parts of the search were not reached; the first: {}",
          found.diverged, found.schedules, found.first_divergence));
    if (command_.accept_partial) return core::judged({});
    if (found.end == End::completed && pairs_left_out(found) == 0) return core::judged({});
    if (found.end == End::completed)
      return core::unknown(fmt::format(
          "{} of {} pairs of statements that collide were never inside the server at once; "
          "--preemptions {} may reach more of them, --accept-partial accepts that",
          pairs_left_out(found), found.pairs.size(), command_.preemptions + 1));
    return core::unknown(
        fmt::format("stopped {} before the bound; --accept-partial accepts that",
                    found.end == End::interrupted ? "by a signal" : "by --schedules or --time"));
  }

  /// A shard has the pairs that it tried itself; another one has those that are left.
  std::size_t pairs_left_out(const schedule::SearchResult& found) const {
    return static_cast<std::size_t>(std::ranges::count_if(found.pairs, [&](const auto& pair) {
      return !pair.second.overlapped && (pair.second.tried || command_.shard.of == 1);
    }));
  }

  std::string overlaps_text(const schedule::SearchResult& found) const {
    if (found.pairs.empty()) return "no two statements that collide were pending at once";
    std::string text =
        fmt::format("{} of {} pairs of statements that collide overlapped inside the server",
                    found.pairs_overlapped(), found.pairs.size());
    if (bounded_ != nullptr && bounded_->changed_after_overlap() > 0)
      text += fmt::format(" ({} schedules went on in another order after an overlap)",
                          bounded_->changed_after_overlap());
    return text;
  }

  std::string claim_of(const schedule::SearchResult& found) const {
    const std::string speed =
        fmt::format("{} distinct outcomes; {:.0f} schedules a second", found.distinct_outcomes,
                    static_cast<double>(found.schedules) / found.seconds.count());
    if (bounded_ == nullptr)
      return fmt::format("{} random schedules of seed {}, at statement granularity; {}; {}",
                         found.schedules, seed_, overlaps_text(found), speed);
    const bool is_whole = found.end == End::completed;
    std::string bound = fmt::format("with at most {} preemptions{}, at statement granularity",
                                    command_.preemptions, command_.faults ? " and one fault" : "");
    if (command_.shard.of > 1)
      bound += fmt::format(", of shard {}/{}", command_.shard.number, command_.shard.of);
    if (!is_whole) bound += left_text();
    return fmt::format("{} {} schedules {}; {}; {}", is_whole ? "all" : "the first",
                       found.schedules, bound, overlaps_text(found), speed);
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
