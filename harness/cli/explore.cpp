#include "harness/cli/commands.h"
#include "harness/cli/deliver.h"
#include "harness/cli/explored.h"
#include "harness/cli/ground.h"
#include "harness/cli/live_line.h"
#include "harness/cli/output.h"
#include "harness/explore/bounded.h"
#include "harness/process/quoted_word.h"

#include <algorithm>
#include <filesystem>
#include <numeric>

#include <fmt/format.h>
#include <unistd.h>

namespace gauntlet::cli {

namespace {

namespace fs = std::filesystem;
using End = schedule::SearchResult::End;

class Exploring {
 public:
  Exploring(const ExploreCommand& command, const Catalogue& catalogue, std::uint64_t seed)
      : command_(command),
        seed_(seed),
        runner_(command.test),
        choice_(scenario_to_explore(command.test, runner_.subject().mutant, catalogue)),
        options_{
            .replicas = command.replicas, .first_files = command.first_files, .lock = command.lock},
        trial_(trial_to_explore(choice_->scenarios().front(), runner_.subject(), options_)) {}

  core::Report run() {
    LiveLine line(STDERR_FILENO, screen_of(STDERR_FILENO));
    line.show("starting the server");
    const Ground ground(command_.test.how);
    line.show("one replica alone");
    schedule::Explorer explorer(trial_, runner_.subject(), ground.arena());
    explore::Bounded bounded(command_.preemptions);
    const schedule::SearchResult found =
        explorer.search(bounded, {.schedules_max = command_.schedules_max,
                                  .time = command_.time,
                                  .progress = [&](std::size_t schedules) {
                                    line.show(fmt::format("{} schedules, {} known and not run yet",
                                                          schedules, bounded.left()));
                                  }});
    core::Report report{.kind = "search", .seed = seed_, .server = ground.facts()};
    report.results.push_back(told(found, bounded, report.server));
    return report;
  }

 private:
  core::Result told(const schedule::SearchResult& found, const explore::Bounded& bounded,
                    const std::optional<core::ServerFacts>& server) const {
    core::Result result;
    if (found.violation) {
      result = result_of(trial_, runner_.subject(), *found.violation);
      result.notes.push_back(
          fmt::format("schedule {} of the search is violated; it has {} preemptions and {} steps",
                      found.schedules, explore::preemptions_in(found.violation->seen.moments),
                      found.violation->seen.moments.size()));
      if (!command_.save_folder.empty()) save(*found.violation, server, result);
    } else {
      result.id = fmt::format("explore/{}", trial_.scenario.id);
      result.subject = runner_.subject().name();
      result.judgement = judgement_of(found);
    }
    result.claim = fmt::format("{} replicas of {} hold in every order of their statements",
                               trial_.calls.size(), result.subject);
    result.seconds = found.seconds;
    result.notes.push_back(claim_of(found, bounded));
    return result;
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
    if (found.end == End::completed || command_.accept_partial) return core::judged({});
    return core::unknown(
        fmt::format("stopped {} before the bound; --accept-partial accepts that",
                    found.end == End::interrupted ? "by a signal" : "by --schedules or --time"));
  }

  std::string claim_of(const schedule::SearchResult& found, const explore::Bounded& bounded) const {
    const bool is_whole = found.end == End::completed;
    return fmt::format(
        "{} {} schedules with at most {} preemptions, at statement granularity{}; {} distinct "
        "outcomes; {:.0f} schedules a second",
        is_whole ? "all" : "the first", found.schedules, command_.preemptions,
        is_whole ? "" : fmt::format(", {} known and not run", bounded.left()),
        found.distinct_outcomes, static_cast<double>(found.schedules) / found.seconds.count());
  }

  void save(const schedule::Ran& ran, const std::optional<core::ServerFacts>& server,
            core::Result& result) const {
    explore::Schedule schedule =
        schedule_of(choice_->scenarios().front(), trial_, command_.test, options_, ran);
    if (server) schedule.server = server->version;
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
  const ExploredRunner runner_;
  const std::unique_ptr<ScenarioChoice> choice_;
  const schedule::TrialOptions options_;
  const schedule::Trial trial_;
};

}  // namespace

int explore_schedules(const ExploreCommand& command, const Catalogue& catalogue) {
  const std::uint64_t seed = command.test.how.seed.value_or(draw_seed());
  const Outcome outcome =
      outcome_of("explore", seed, [&] { return Exploring(command, catalogue, seed).run(); });
  return deliver(outcome, command.test.how.outputs, command.test.migrations);
}

}  // namespace gauntlet::cli
