#include "harness/schedule/program_run.h"

#include "harness/fleet/wire_fleet.h"
#include "harness/gate/recorder.h"
#include "harness/schedule/asleep.h"

namespace gauntlet::schedule {

namespace {

/// Longer than a schedule: a step is held until the strategy chooses it.
constexpr std::chrono::minutes held_at_most{30};
constexpr std::chrono::seconds read_within{5};

}  // namespace

ScheduleSeen run_schedule(const ProgramReplicas& replicas, ExploredDatabase& database,
                          explore::Strategy& strategy) {
  ScheduleSeen seen;
  gate::Recorder recorder(replicas.replicas);
  Scheduler scheduler(Scheduler::Replicas::programs, replicas.replicas, database.server(),
                      &database.overlaps(), {.holds_overlaps = replicas.holds_overlaps});
  ProgramGate gate(scheduler);
  {
    fleet::WireFleet fleet(std::vector(replicas.replicas, &replicas.subject), database.database(),
                           replicas.project, gate, recorder,
                           {.held_at_most = held_at_most,
                            .when_ended = [&](std::size_t replica) { scheduler.ended(replica); }});
    fleet::ProcessFleet& processes = fleet.processes();
    processes.release();
    conduct(scheduler, strategy, replicas.steps_max, seen,
            {.collect = [&] { processes.collect_ended(); },
             .switches_if_asleep =
                 [&](std::size_t replica) { return switches_if_asleep(processes.pid(replica)); },
             .wait_for_what_was_sent = [&] { return fleet.wait_for_what_was_sent(read_within); }});
    scheduler.open();
    if (!seen.undecided.empty()) database.end_sessions();
    fleet.finish_within(seen.undecided.empty() ? replicas.patience : std::chrono::milliseconds(0));
  }
  seen.history = recorder.history();
  seen.divergence = strategy.divergence();
  return seen;
}

}  // namespace gauntlet::schedule
