#include "harness/schedule/program_run.h"

#include "harness/schedule/asleep.h"

namespace gauntlet::schedule {

namespace {

/// Longer than a schedule: a step is held until the strategy chooses it.
constexpr std::chrono::minutes held_at_most{30};
constexpr std::chrono::seconds read_within{5};
/// Less than the shortest time (5 s) after which a client in use gives up connecting.
constexpr std::chrono::seconds fresh_for{3};

}  // namespace

StartedPrograms::StartedPrograms(const ProgramReplicas& replicas, ExploredDatabase& database)
    : steps_max_(replicas.steps_max),
      patience_(replicas.patience),
      subject_(replicas.subject),
      database_(database),
      recorder_(replicas.replicas),
      scheduler_(Scheduler::Replicas::programs, replicas.replicas, database.server(),
                 &database.overlaps(),
                 {.holds_overlaps = replicas.holds_overlaps, .footprints = &database.footprints()}),
      gate_(scheduler_),
      fleet_(std::vector(replicas.replicas, &subject_), database.database(), replicas.project,
             gate_, recorder_,
             {.held_at_most = held_at_most, .when_ended = [this](std::size_t replica) {
                any_ended_ = true;
                scheduler_.ended(replica);
              }}) {
  fleet_.processes().release();
}

bool StartedPrograms::are_fresh() {
  fleet_.processes().collect_ended();
  return !any_ended_ && std::chrono::steady_clock::now() - began_ < fresh_for;
}

ScheduleSeen StartedPrograms::run(explore::Strategy& strategy) {
  ScheduleSeen seen;
  fleet::ProcessFleet& processes = fleet_.processes();
  conduct(scheduler_, strategy, steps_max_, seen,
          {.collect = [&] { processes.collect_ended(); },
           .switches_if_asleep =
               [&](std::size_t replica) { return switches_if_asleep(processes.pid(replica)); },
           .wait_for_what_was_sent = [&] { return fleet_.wait_for_what_was_sent(read_within); }});
  waited_ = seen.waited_first;
  if (seen.moments.empty() && seen.undecided.empty())
    seen.undecided = "every replica ended before it had sent a statement";
  scheduler_.open();
  if (!seen.undecided.empty()) database_.end_sessions();
  fleet_.finish_within(seen.undecided.empty() ? patience_ : std::chrono::milliseconds(0));
  seen.history = recorder_.history();
  seen.divergence = strategy.divergence();
  return seen;
}

}  // namespace gauntlet::schedule
