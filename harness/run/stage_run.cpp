#include "harness/run/stage_run.h"

#include "harness/arena/connection.h"
#include "harness/arena/pooler.h"
#include "harness/fleet/pool.h"
#include "harness/fleet/threads.h"
#include "harness/fleet/waits.h"
#include "harness/gate/gated_session.h"
#include "harness/gate/gates.h"
#include "harness/observe/observe.h"
#include "harness/process/fd.h"
#include "harness/run/bystanders.h"
#include "harness/run/call.h"
#include "harness/run/stage_gates.h"
#include "runner/connect.h"

#include <algorithm>
#include <optional>
#include <set>

#include <fmt/format.h>
#include <sys/eventfd.h>

namespace gauntlet::run {

namespace {

using scenario::Call;
using scenario::Stage;
using std::chrono::milliseconds;
using std::chrono::steady_clock;

constexpr milliseconds thread_stagger_max{500};
constexpr std::chrono::seconds thread_leftovers_patience{2};

/// Ends every session of the throwaway database but its own: replicas that overstay are stuck in
/// one.
void end_sessions(const arena::Address& database) {
  if (!database.file().empty()) return;  // what runs in this process hears its interrupt
  try {
    arena::Connection(database).run(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
        " WHERE datname = current_database() AND pid <> pg_backend_pid()");
  } catch (const runner::Error&) {
    return;  // the next push tries again
  }
}

/// By replica.
std::vector<Call> calls_of(const Stage& stage) {
  std::vector<Call> calls(stage.replicas, stage.call);
  for (const scenario::Beside& beside : stage.beside) {
    calls.insert(calls.end(), beside.replicas, beside.call);
  }
  if (stage.table.empty()) return calls;
  for (std::size_t replica = 0; replica < stage.replicas; ++replica) {
    calls[replica].table = stage.table;
  }
  return calls;
}

/// How many can stand at the gate together: whoever has no connection cannot come.
std::size_t at_the_gate(const Stage& stage, std::size_t replicas) {
  if (stage.arrival != scenario::Arrival::together) return 1;
  return stage.connections == 0 ? replicas : std::min(replicas, stage.connections);
}

runner::RunOptions options_of(const Stage& stage, const Call& call, const StageOptions& options) {
  runner::RunOptions run{.tracker = {.table = std::string(call.table)},
                         .lock = stage.lock,
                         .lock_key = stage.key == Stage::Key::unique ? options.lock_key : 0,
                         .lock_wait_max = stage.lock_wait.value_or(options.patience),
                         .no_transaction = options.no_transaction,
                         .session_patience = stage.lock_wait.value_or(options.patience)};
  for (const scenario::HookSql& hook : stage.hooks) {
    run.hooks[{hook.version}] = [sql = std::string(hook.sql)](runner::Session& session) {
      session.send(sql);
    };
  }
  return run;
}

std::unique_ptr<arena::Pooler> pooler_of(const Stage& stage, const arena::Address& database) {
  if (stage.way == scenario::Way::straight) return nullptr;
  return std::make_unique<arena::Pooler>(database, arena::PoolerOptions());
}

class RunningThreads : public RunningReplicas {
 public:
  RunningThreads(Attendance& attendance, const fleet::WaitForAnEnd& wait, milliseconds patience)
      : attendance_(attendance), wait_(wait), patience_(patience) {}

  bool wait_for_all_asked(Asks /*what*/) override {
    return attendance_.wait_for_all_asked(patience_);
  }
  bool wait_for_all_ended() override { return attendance_.wait_for_all_ended(patience_); }
  void pass(milliseconds time) override {
    const auto end = steady_clock::now() + time;
    while (steady_clock::now() < end)
      wait_(std::chrono::ceil<milliseconds>(end - steady_clock::now()));
  }

 private:
  Attendance& attendance_;
  const fleet::WaitForAnEnd& wait_;
  const milliseconds patience_;
};

class StageRun {
 public:
  StageRun(const Stage& stage, const runner::Listing& listing, const mutant::Mutant* mutant,
           const arena::Address& database, const StageOptions& options)
      : stage_(stage),
        listing_(listing),
        mutant_(mutant),
        database_(database),
        options_(options),
        calls_(calls_of(stage)),
        recorder_(calls_.size()),
        attendance_(calls_.size()),
        interruption_(faults_, stage.interrupted_at,
                      [this](std::size_t replica) { interrupt(replica); }),
        barrier_(holds_, at_the_gate(stage, calls_.size())),
        pooler_(pooler_of(stage, database)),
        direct_(runner::sessions_of((pooler_ ? pooler_->address() : database).conninfo())) {
    if (stage.connections > 0) {
      pool_ = std::make_unique<fleet::Pool>(*direct_, stage.connections);
    }
    if (stage.interrupted_at.empty()) return;
    for (std::size_t replica = 0; replica < calls_.size(); ++replica) {
      interrupts_.emplace_back(eventfd(0, EFD_CLOEXEC));
    }
  }

  StageSeen run() {
    fleet::ThreadFleet fleet{
        .replicas = calls_.size(),
        .patience = options_.patience,
        .seed = options_.seed,
        .act = [this](std::size_t replica, int interrupt_fd) { be(replica, interrupt_fd); },
        .before_overdue = [this] { recorder_.waits(fleet::waits_in(database_)); },
        .when_overdue = [this] { end_sessions(database_); }};
    if (stage_.arrival == scenario::Arrival::staggered) fleet.stagger_max = thread_stagger_max;
    Bystanders bystanders(stage_, database_, {.advisory = std::to_string(options_.lock_key)},
                          recorder_);
    bystanders.arrive();
    StageSeen seen;
    if (bystanders.are_there()) {
      fleet.meanwhile = [&](const fleet::WaitForAnEnd& wait) {
        RunningThreads threads(attendance_, wait, options_.patience / 2);
        bystanders.stay(threads, seen);
      };
    }
    fleet::run_threads(fleet, recorder_);
    if (pool_) seen.leftovers = observe::leftovers(database_, thread_leftovers_patience);
    seen.history = recorder_.history();
    seen.wanted = at_the_gate(stage_, calls_.size());
    seen.gathered = std::min(seen.wanted, barrier_.gathered() + never_came(seen.history));
    seen.holds_met = holds_.all_met();
    seen.unfired = faults_.unfired().size();
    if (!stage_.interrupted_at.empty() && !interruption_.happened()) ++seen.unfired;
    return seen;
  }

 private:
  void be(std::size_t replica, int interrupt_fd) {
    struct Leaving {
      StageRun& run;
      std::size_t replica;
      ~Leaving() {
        run.attendance_.ended(replica);
        run.barrier_.leaves(replica);
      }
    } const leaving{*this, replica};
    runner::SessionSource& sessions =
        pool_ ? static_cast<runner::SessionSource&>(*pool_) : *direct_;
    gate::GatedSource gated(sessions, doorway_, replica);
    runner::RunOptions run = options_of(stage_, calls_[replica], options_);
    run.interrupt_fd = interrupts_.empty() ? interrupt_fd : interrupts_[replica].get();
    std::string warnings;
    const runner::Observer observer = [&](const runner::Event& event) {
      if (const auto* warned = std::get_if<runner::Warned>(&event)) warnings += warned->text + "\n";
    };
    act(stage_, calls_[replica], listing_, mutant_, gated, *direct_, std::move(run), observer);
    if (!warnings.empty()) recorder_.output(replica, {.out = warnings, .err = {}});
  }

  void interrupt(std::size_t replica) {
    recorder_.note(fmt::format("replica {} is interrupted", replica));
    eventfd_write(interrupts_[replica].get(), 1);
  }

  // Whoever was refused before it connected could not stand at the gate.
  static std::size_t never_came(const core::History& history) {
    std::set<std::size_t> came;
    for (const core::StepRecord& record : history.steps) came.insert(record.step.session.replica);
    return history.replicas - came.size();
  }

  const Stage& stage_;
  const runner::Listing& listing_;
  const mutant::Mutant* mutant_;
  const arena::Address& database_;
  const StageOptions& options_;
  const std::vector<Call> calls_;
  gate::Recorder recorder_;
  Attendance attendance_;
  // The way of a step: seen asking, the barrier, the holds, the interruption, the faults.
  gate::OpenGate open_;
  gate::Faults faults_{open_, stage_.faults};
  Interruption interruption_;
  Holds holds_{interruption_, attendance_, stage_.holds};
  gate::Barrier barrier_;
  SeenAsking asking_{barrier_, attendance_};
  gate::Doorway doorway_{.gate = asking_, .recorder = recorder_};
  std::vector<process::Fd> interrupts_;  // by replica, where one is to be interrupted
  std::unique_ptr<arena::Pooler> pooler_;
  std::unique_ptr<runner::SessionSource> direct_;
  std::unique_ptr<fleet::Pool> pool_;
};

// Repairs of what only a fault breaks find nothing to repair.
bool may_fail_alone(const Stage& stage, const Call& call) {
  const bool repairs = call.action == scenario::Action::resume ||
                       call.action == scenario::Action::forget ||
                       call.action == scenario::Action::check;
  return stage.expected_error || repairs;
}

}  // namespace

StageSeen run_stage(const Stage& stage, const runner::Listing& listing,
                    const mutant::Mutant* mutant, const arena::Address& database,
                    const StageOptions& options) {
  return StageRun(stage, listing, mutant, database, options).run();
}

FailedAlone run_stage_alone(const Stage& stage, const runner::Listing& listing,
                            const arena::Address& database, const StageOptions& options) {
  std::vector<Call> kinds{stage.call};
  if (!stage.table.empty()) kinds.front().table = stage.table;
  for (const scenario::Beside& beside : stage.beside) kinds.push_back(beside.call);
  for (const Call& call : kinds) {
    Stage alone{.name = stage.name, .replicas = 1, .call = call, .key = stage.key};
    alone.hooks = stage.hooks;
    alone.direction = stage.direction;
    const StageSeen seen = run_stage(alone, listing, nullptr, database, options);
    const core::Event* end = seen.history.exit_of(0);
    const bool succeeded = end != nullptr && end->exit_code == 0;
    if (succeeded || may_fail_alone(stage, call)) continue;
    return {.text = "it fails: " + seen.history.outputs.front().err,
            .was_ended = end == nullptr || end->kind == core::Event::Kind::killed};
  }
  return {};
}

}  // namespace gauntlet::run
