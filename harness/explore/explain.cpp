#include "harness/explore/label.h"
#include "harness/explore/timeline.h"
#include "harness/oracle/advisory_locks.h"

#include <algorithm>

#include <fmt/format.h>
#include <fmt/ranges.h>

namespace gauntlet::explore {

namespace {

using What = Option::What;

std::string name_of(const TimelineStep& step) {
  constexpr std::size_t text_bytes_max = 76;
  return fmt::format("step {} of replica {} (`{}`)", step.number, step.session.replica,
                     text_of({.sql = step.text}, text_bytes_max));
}

/// The replicas that held an advisory lock when the step was let go; by key.
std::string holders_at(const TimelineStep& step, const Timeline& timeline,
                       const core::History& history) {
  // The position in the events at which the step was let go: the n-th let_go of its session.
  std::size_t wanted = 0;
  for (const TimelineStep& each : timeline.steps) {
    const bool is_recorded = each.what == What::step || each.what == What::wait;
    if (each.session == step.session && is_recorded) ++wanted;
    if (each.number == step.number) break;
  }
  std::size_t position = history.events.size();
  for (std::size_t at = 0; at < history.events.size() && wanted > 0; ++at) {
    const core::Event& event = history.events[at];
    if (event.kind != core::Event::Kind::let_go || event.replica != step.session.replica ||
        event.session != step.session.number)
      continue;
    if (--wanted == 0) position = at;
  }
  std::vector<std::string> holders;
  for (const oracle::Holding& holding : oracle::lock_story(history).holdings)
    if (holding.from <= position && position <= holding.until && !holding.is_momentary())
      holders.push_back(fmt::format("replica {} held the advisory lock {}", holding.session.replica,
                                    holding.key));
  if (holders.empty()) return "no replica held an advisory lock over both steps";
  return fmt::format("{}", fmt::join(holders, ", and "));
}

std::string outcome_of(const TimelineStep& step) {
  if (step.outcome.empty()) return {};
  return step.failed ? fmt::format("; the second failed: {}", step.outcome)
                     : fmt::format("; the second was done: {}", step.outcome);
}

std::string fault_text(const TimelineStep& step) {
  const std::string_view what = step.fault == "die-before" ? "died before it was sent"
                                : step.fault == "die-after"
                                    ? "died once it had the reply"
                                    : "lost its connection before the reply, and it was executed";
  return fmt::format("at {} the replica {}", name_of(step), what);
}

std::string on_text(const std::string& relation) {
  return relation.empty() ? std::string() : fmt::format(", on `{}`", relation);
}

std::vector<std::string> overlap_lines(const Timeline& timeline, const TimelineStep& first,
                                       const TimelineStep& second, const core::History& history) {
  return {fmt::format(
              "{} and {} were inside the server at the same instant{}: neither saw what the other "
              "did",
              name_of(first), name_of(second), on_text(timeline.collision->relation)),
          holders_at(second, timeline, history) +
              "; a correct order: one of them begins after the other has committed, under a lock "
              "that both take before"};
}

std::vector<std::string> collision_lines(const Timeline& timeline, const TimelineStep& first,
                                         const TimelineStep& second, const core::History& history) {
  return {fmt::format("{} and {} collide on `{}`{}", name_of(first), name_of(second),
                      timeline.collision->relation, outcome_of(second)),
          "at the second: " + holders_at(second, timeline, history)};
}

}  // namespace

std::vector<std::string> explanation_of(const Timeline& timeline, const core::History& history) {
  std::vector<std::string> lines;
  bool overlaps = false;
  if (timeline.collision) {
    const TimelineStep& first = timeline.steps[timeline.collision->first];
    const TimelineStep& second = timeline.steps[timeline.collision->second];
    overlaps = first.overlaps;
    lines = overlaps ? overlap_lines(timeline, first, second, history)
                     : collision_lines(timeline, first, second, history);
  }
  for (const TimelineStep& step : timeline.steps)
    if (!step.fault.empty()) lines.push_back(fault_text(step));
  // Of an overlap it does not matter in which order the replicas came to it.
  for (const TimelineStep& step : timeline.steps) {
    if (overlaps || !step.is_preemption || step.number < 2) continue;
    const std::size_t left = timeline.steps[step.number - 2].session.replica;
    lines.push_back(fmt::format(
        "replica {} was left before it had ended, for {}; a correct order: it goes on to "
        "its end first",
        left, name_of(step)));
  }
  return lines;
}

}  // namespace gauntlet::explore
