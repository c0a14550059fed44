#include "harness/cli/failing_schedule.h"

#include "harness/cli/explored.h"
#include "harness/cli/output.h"
#include "harness/explore/page.h"
#include "harness/explore/replay.h"
#include "harness/explore/timeline.h"

#include <algorithm>
#include <chrono>

#include <fmt/format.h>

namespace gauntlet::cli {

namespace {

/// Of a drawn schedule: two lanes with a statement's beginning in each.
constexpr std::size_t drawn_columns = 118;

/// A runner that is slow to start is repeated less often.
constexpr std::chrono::seconds held_time{60};
/// An overlap is repeated without the hold so often, or for so long.
constexpr std::size_t free_runs_max = 100;
constexpr std::chrono::seconds free_time{4};

}  // namespace

std::string Reproduced::text() const {
  std::string text = fmt::format("reproduced {}/{}", violated, times);
  if (free_times > 0)
    text += fmt::format(" held, {}/{} free{}", free_violated, free_times,
                        free_violated == 0 ? ": held only" : "");
  if (diverged > 0)
    text += fmt::format(
        "; {} of them ran differently, so this schedule was found and is not "
        "reproducible: {}",
        diverged, divergence);
  return text;
}

Reproduced reproduce(const schedule::Trial& trial, const schedule::ExploredSubject& subject,
                     arena::Arena& arena, const schedule::Ran& ran, std::size_t times,
                     const std::function<bool()>& is_interrupted) {
  schedule::Explorer explorer(trial, subject, arena);
  explore::Replay replay(explore::steps_of(ran.seen.moments), times);
  Reproduced done;
  explorer.start_ahead(times > 1);
  const auto over = std::chrono::steady_clock::now() + held_time;
  while (!is_interrupted() && std::chrono::steady_clock::now() < over && replay.begin()) {
    const schedule::Ran again = explorer.run(replay);
    ++done.times;
    if (again.is_violated()) ++done.violated;
    if (!again.seen.divergence.empty() && ++done.diverged == 1)
      done.divergence = again.seen.divergence;
  }
  if (explore::overlaps_in(ran.seen.moments) == 0) return done;
  explorer.hold_overlaps(false);
  explore::Replay freely(explore::steps_of(ran.seen.moments), free_runs_max);
  const auto until = std::chrono::steady_clock::now() + free_time;
  while (!is_interrupted() && std::chrono::steady_clock::now() < until && freely.begin()) {
    ++done.free_times;
    if (explorer.run(freely).is_violated()) ++done.free_violated;
  }
  return done;
}

namespace {

/// A replica that reports success too early collides with nothing.
explore::Timeline timeline_of(const schedule::Ran& ran) {
  explore::Timeline timeline = explore::timeline_of(ran.seen.moments, ran.seen.history);
  const std::vector<core::Finding>& findings = ran.judged.judgement.findings;
  const bool is_too_early =
      !findings.empty() && std::ranges::all_of(findings, [](const core::Finding& finding) {
        return finding.id == "success-too-early";
      });
  if (is_too_early) timeline.collision.reset();
  return timeline;
}

}  // namespace

core::Result failure_result(const schedule::Trial& trial, const schedule::ExploredSubject& subject,
                            const schedule::Ran& ran) {
  core::Result result = result_of(trial, subject, ran);
  const explore::Timeline timeline = timeline_of(ran);
  for (std::string& line : explore::explanation_of(timeline, ran.seen.history))
    result.notes.push_back(std::move(line));
  result.story = {
      .title =
          "the schedule (> goes on instead of the other, = at the same instant, * is harmed, ! "
          "collides, x fails)",
      .lines = explore::drawn(timeline, drawn_columns)};
  return result;
}

void write_pages(Outputs& outputs, const schedule::Ran& ran, const core::Result& result) {
  const explore::Timeline timeline = timeline_of(ran);
  explore::Page page{.title = fmt::format("{}: {}", result.id, result.subject),
                     .explanation = explore::explanation_of(timeline, ran.seen.history),
                     .replay = result.replay};
  for (const core::Finding& finding : result.judgement.findings)
    page.findings.push_back(fmt::format("{}: {}", finding.id, finding.message));
  std::erase_if(outputs.targets, [&](const OutputTarget& target) {
    if (target.kind != OutputTarget::Kind::html) return false;
    const std::string html = explore::page_of(timeline, page);
    if (target.file.empty()) {
      print_result(html);
    } else {
      write_file(target.file, html, Form::text);
    }
    return true;
  });
}

}  // namespace gauntlet::cli
