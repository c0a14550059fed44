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
  while (true) {
    const Settled settled = scheduler.settle(point, watch);
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
    const std::size_t chosen = strategy.choose(point);
    seen.moments.push_back({.point = point, .chosen = chosen});
    seen.moments.back().both_inside = scheduler.let_go(point.options.at(chosen));
  }
}

}  // namespace gauntlet::schedule
