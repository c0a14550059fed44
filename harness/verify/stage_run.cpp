#include "harness/verify/stage_run.h"

#include "harness/arena/connection.h"
#include "harness/fleet/pool.h"
#include "harness/fleet/threads.h"
#include "harness/gate/gated_session.h"
#include "harness/gate/gates.h"

#include <algorithm>
#include <condition_variable>
#include <mutex>
#include <set>

#include <fmt/format.h>

namespace gauntlet::verify {

namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;

constexpr milliseconds stagger_max{500};

/// Counts the replicas that were refused the lock, or went by without asking for it.
class SeenAsking : public gate::Gate {
 public:
  explicit SeenAsking(gate::Gate& next) : next_(next) {}

  core::Ruling at(const core::Step& step, milliseconds patience) noexcept override {
    return next_.at(step, patience);
  }
  void after(const core::Step& step, const core::Reply& reply) noexcept override {
    next_.after(step, reply);
    if (step.sql.find("advisory") == std::string::npos) return;
    const std::lock_guard held(mutex_);
    asked_.insert(step.session.replica);
    changed_.notify_all();
  }

  /// False if not all were seen in time.
  bool wait_for(std::size_t replicas, milliseconds patience) {
    std::unique_lock held(mutex_);
    return changed_.wait_for(held, patience, [&] { return asked_.size() >= replicas; });
  }

 private:
  gate::Gate& next_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::set<std::size_t> asked_;
};

/// Ends every session of the throwaway database but its own: replicas that overstay are stuck in
/// one.
void end_sessions(const arena::Address& database) {
  try {
    arena::Connection(database).run(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
        " WHERE datname = current_database() AND pid <> pg_backend_pid()");
  } catch (const runner::Error&) {
    return;  // the next push tries again
  }
}

/// How many can stand at the gate together: whoever has no connection cannot come.
std::size_t at_the_gate(const scenario::Stage& stage, const StageOptions& options) {
  if (options.arrival != scenario::Arrival::together) return 1;
  return stage.connections == 0 ? options.replicas : std::min(options.replicas, stage.connections);
}

class StageRun {
 public:
  StageRun(const scenario::Stage& stage, const runner::Listing& listing,
           const mutant::Mutant* mutant, const arena::Address& database,
           const StageOptions& options)
      : stage_(stage),
        listing_(listing),
        mutant_(mutant),
        database_(database),
        options_(options),
        recorder_(options.replicas),
        barrier_(open_, at_the_gate(stage, options)),
        asking_(barrier_),
        direct_(runner::sessions_of(database.conninfo())) {
    if (stage.connections > 0) {
      pool_ = std::make_unique<fleet::Pool>(*direct_, stage.connections);
    }
  }

  StageSeen run() {
    fleet::ThreadFleet fleet{
        .replicas = options_.replicas,
        .patience = options_.patience,
        .seed = options_.seed,
        .act = [this](std::size_t replica, int interrupt_fd) { act(replica, interrupt_fd); },
        .when_overdue = [this] { end_sessions(database_); }};
    if (options_.arrival == scenario::Arrival::staggered) fleet.stagger_max = stagger_max;
    std::optional<arena::Connection> foreign;
    StageSeen seen;
    if (options_.foreign_lock) {
      foreign.emplace(database_);
      foreign->ask(fmt::format("SELECT pg_advisory_lock({})", options_.lock_key));
      recorder_.note(std::string(oracle::foreign_lock_taken));
      fleet.meanwhile = [&](const fleet::WaitForAnEnd& wait) {
        seen.foreign_lock_met = hold(*foreign, wait);
      };
    }
    fleet::run_threads(fleet, recorder_);
    seen.history = recorder_.history();
    seen.gathered = barrier_.gathered();
    seen.wanted = at_the_gate(stage_, options_);
    return seen;
  }

 private:
  void act(std::size_t replica, int interrupt_fd) {
    runner::SessionSource& sessions =
        pool_ ? static_cast<runner::SessionSource&>(*pool_) : *direct_;
    gate::GatedSource gated(sessions, doorway_, replica);
    runner::RunOptions run{.tracker = {.table = std::string(stage_.table)},
                           .lock_key = options_.lock_key,
                           .lock_wait_max = options_.patience,
                           .session_patience = options_.patience,
                           .interrupt_fd = interrupt_fd};
    if (mutant_ == nullptr) {
      runner::up(gated, listing_, run);
      return;
    }
    if (mutant_->options != nullptr) mutant_->options(run);
    mutant::MutantSource mutated(gated, *mutant_);
    runner::Listing listing = listing_;
    if (mutant_->listing != nullptr) {
      const auto session = direct_->acquire(options_.patience);
      mutant_->listing(listing, *session);
    }
    runner::up(mutated, listing, run);
  }

  // Until all were seen to ask, then for the window; whoever ends meanwhile did not wait for us.
  bool hold(arena::Connection& foreign, const fleet::WaitForAnEnd& wait) {
    const bool all_asked = asking_.wait_for(options_.replicas, options_.patience / 2);
    const auto end = steady_clock::now() + options_.foreign_lock->window;
    while (steady_clock::now() < end) {
      wait(std::chrono::ceil<milliseconds>(end - steady_clock::now()));
    }
    recorder_.note(std::string(oracle::foreign_lock_released));
    foreign.ask(fmt::format("SELECT pg_advisory_unlock({})", options_.lock_key));
    return all_asked;
  }

  const scenario::Stage& stage_;
  const runner::Listing& listing_;
  const mutant::Mutant* mutant_;
  const arena::Address& database_;
  const StageOptions& options_;
  gate::Recorder recorder_;
  gate::OpenGate open_;
  gate::Barrier barrier_;
  SeenAsking asking_;
  gate::Doorway doorway_{.gate = asking_, .recorder = recorder_};
  std::unique_ptr<runner::SessionSource> direct_;
  std::unique_ptr<fleet::Pool> pool_;
};

}  // namespace

StageSeen run_stage(const scenario::Stage& stage, const runner::Listing& listing,
                    const mutant::Mutant* mutant, const arena::Address& database,
                    const StageOptions& options) {
  return StageRun(stage, listing, mutant, database, options).run();
}

}  // namespace gauntlet::verify
