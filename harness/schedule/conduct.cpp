#include "harness/schedule/conduct.h"

#include <fmt/format.h>

namespace gauntlet::schedule {

namespace {

using Settled = Scheduler::Settled;

std::string reason_of(Settled settled, Scheduler& scheduler) {
  return fmt::format("{}: {}",
                     settled == Settled::hung ? "every replica that is left waits for another one"
                                              : "nothing moved any more",
                     scheduler.state_text());
}

}  // namespace

void conduct(Scheduler& scheduler, explore::Strategy& strategy, std::size_t steps_max,
             ScheduleSeen& seen, const Scheduler::Watch& watch) {
  explore::Point point;
  const auto start = std::chrono::steady_clock::now();
  while (true) {
    const Settled settled = scheduler.settle(point, watch);
    if (seen.moments.empty()) seen.waited_first = std::chrono::steady_clock::now() - start;
    if (settled == Settled::ended) return;
    if (settled != Settled::choose) {
      seen.hung = settled == Settled::hung;
      seen.undecided = reason_of(settled, scheduler);
      return;
    }
    if (seen.moments.size() >= steps_max) {
      seen.undecided =
          fmt::format("the budget of {} steps was spent; {}", steps_max, scheduler.state_text());
      return;
    }
    if (strategy.may_overlap()) scheduler.prepare_overlaps();
    const std::size_t chosen = strategy.choose(point);
    seen.moments.push_back({.point = point, .chosen = chosen});
    seen.moments.back().met = scheduler.let_go(point.options.at(chosen));
  }
}

}  // namespace gauntlet::schedule
