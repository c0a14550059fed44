#include "harness/schedule/thread_run.h"

#include "harness/fleet/threads.h"
#include "harness/gate/gated_session.h"
#include "harness/gate/recorder.h"
#include "harness/run/call.h"
#include "harness/schedule/scheduled_session.h"

#include <csignal>
#include <thread>

#include <fmt/format.h>

namespace gauntlet::schedule {

namespace {

using core::Event;

class ThreadRun {
 public:
  ThreadRun(const ThreadReplicas& replicas, ExploredDatabase& database, explore::Strategy& strategy)
      : replicas_(replicas),
        database_(database),
        strategy_(strategy),
        recorder_(replicas.calls.size()),
        scheduler_(Scheduler::Replicas::threads, replicas.calls.size(), database.server(),
                   &database.overlaps(),
                   {.holds_overlaps = replicas.holds_overlaps,
                    .offers_faults = replicas.offers_faults,
                    .footprints = &database.footprints()}) {}

  ScheduleSeen run() {
    const std::size_t count = replicas_.calls.size();
    for (std::size_t replica = 0; replica < count; ++replica)
      recorder_.note({.kind = Event::Kind::started, .replica = replica});
    {
      std::vector<std::jthread> threads;
      for (std::size_t replica = 0; replica < count; ++replica)
        threads.emplace_back([this, replica] { be(replica); });
      // Whatever is thrown, the replicas must go on before they are joined.
      const Opening opening{scheduler_};
      conduct(scheduler_, strategy_, replicas_.steps_max, seen_);
      if (!seen_.undecided.empty()) give_up();
    }
    seen_.history = recorder_.history();
    seen_.divergence = strategy_.divergence();
    return std::move(seen_);
  }

 private:
  struct Opening {
    Scheduler& scheduler;
    ~Opening() { scheduler.open(); }
  };

  // Their statements must end before their threads do.
  void give_up() {
    scheduler_.open();
    database_.end_sessions();
  }

  void be(std::size_t replica) {
    recorder_.note({.kind = Event::Kind::released, .replica = replica});
    Event end{.kind = Event::Kind::exited, .replica = replica, .exit_code = 0};
    try {
      act(replica);
    } catch (const gate::ReplicaDied&) {
      end = {.kind = Event::Kind::killed, .replica = replica, .signal = SIGKILL};
    } catch (const fleet::ExitWith& exit) {
      end.exit_code = exit.code;
    } catch (const std::exception& error) {
      recorder_.output(replica, {.out = {}, .err = error.what()});
      end.exit_code = 1;
    }
    recorder_.note(end);
    scheduler_.ended(replica);
  }

  void act(std::size_t replica) {
    ScheduledSource scheduled(database_.sessions(), scheduler_, replica);
    gate::GatedSource gated(scheduled, doorway_, replica);
    AnnouncingSource announcing(gated, scheduler_, replica);
    std::string warnings;
    const runner::Observer observer = [&](const runner::Event& event) {
      if (const auto* warned = std::get_if<runner::Warned>(&event)) warnings += warned->text + "\n";
    };
    runner::RunOptions options = replicas_.options;
    const scenario::Call& call = replicas_.calls[replica];
    options.tracker.table = std::string(call.table);
    run::act(replicas_.stage, call, replicas_.listing, replicas_.mutant, announcing, *direct_,
             std::move(options), observer);
    if (!warnings.empty()) recorder_.output(replica, {.out = warnings, .err = {}});
  }

  const ThreadReplicas& replicas_;
  ExploredDatabase& database_;
  explore::Strategy& strategy_;
  gate::Recorder recorder_;
  Scheduler scheduler_;
  gate::Doorway doorway_{.gate = scheduler_, .recorder = recorder_};
  /// For a mutant's own look at the database.
  const std::unique_ptr<runner::SessionSource> direct_ =
      runner::sessions_of(database_.address().conninfo());
  ScheduleSeen seen_ = {};
};

}  // namespace

ScheduleSeen run_schedule(const ThreadReplicas& replicas, ExploredDatabase& database,
                          explore::Strategy& strategy) {
  return ThreadRun(replicas, database, strategy).run();
}

}  // namespace gauntlet::schedule
