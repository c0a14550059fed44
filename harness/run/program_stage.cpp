#include "harness/run/program_stage.h"

#include "harness/arena/connection.h"
#include "harness/fleet/staggered.h"
#include "harness/fleet/wire_fleet.h"
#include "harness/gate/gates.h"
#include "harness/gate/on_threads.h"
#include "harness/observe/observe.h"
#include "harness/run/asked.h"
#include "harness/run/neutral_folder.h"
#include "harness/run/program_call.h"
#include "harness/run/program_harm.h"
#include "harness/run/stage_gates.h"
#include "harness/sql/advisory_calls.h"
#include "harness/sql/statement.h"

#include <algorithm>
#include <optional>
#include <string_view>

#include <fmt/format.h>

namespace gauntlet::run {

namespace {

using core::Event;
using scenario::Stage;
using std::chrono::milliseconds;
using std::chrono::steady_clock;

constexpr milliseconds stagger_max{500}, leftovers_patience{2'000}, look_interval{10};
/// What all copies are given to come to the gate: a program may take its time before it asks.
constexpr milliseconds gathering_max{30'000};

std::size_t replicas_beside(const Stage& stage) {
  std::size_t replicas = 0;
  if (stage.call.action == scenario::Action::status) return replicas;
  for (const scenario::Beside& beside : stage.beside) replicas += beside.replicas;
  return replicas;
}

/// Takes note of replicas that asked for an advisory lock without waiting for it in the server, or
/// were refused it. Those that wait there are seen from outside.
class TryAsking : public gate::Gate {
 public:
  /// `lock`: what is held, if it is no advisory lock; null: it is one.
  TryAsking(gate::Gate& next, Attendance& attendance, const OwnLock* lock)
      : next_(next), attendance_(attendance), lock_(lock) {}

  core::Ruling at(const core::Step& step, milliseconds patience) noexcept override {
    return next_.at(step, patience);
  }
  void after(const core::Step& step, const core::Reply& reply) noexcept override {
    next_.after(step, reply);
    const bool refused = reply.ending != core::Reply::Ending::answered;
    for (const sql::AdvisoryCall& call : sql::advisory_calls(step.sql))
      if (!call.releases() && (call.tries() || refused)) attendance_.asked(step.session.replica);
    const bool asks_for_row = lock_ != nullptr && step.kind != core::Step::Kind::prepare &&
                              step.sql.find(sql::bare(lock_->table)) != std::string::npos;
    if (asks_for_row) attendance_.asked(step.session.replica);
  }

 private:
  gate::Gate& next_;
  Attendance& attendance_;
  const OwnLock* lock_;
};

/// Puts a flaw into the program: its steps are changed on their way.
class Changing : public gate::Gate {
 public:
  explicit Changing(const Program& program) : program_(program) {}

  core::Ruling at(const core::Step& step, milliseconds) noexcept override {
    if (!program_.change) return {};
    return program_.change(step).value_or(core::Ruling{});
  }
  void after(const core::Step&, const core::Reply&) noexcept override {}

 private:
  const Program& program_;
};

class RunningCopies : public RunningReplicas {
 public:
  RunningCopies(fleet::ProcessFleet& processes, Attendance& attendance,
                const gate::Recorder& recorder, const arena::Address& database,
                milliseconds patience)
      : processes_(processes),
        attendance_(attendance),
        recorder_(recorder),
        database_(database),
        patience_(patience) {}

  bool wait_for_all_asked(Asks what) override {
    arena::Connection watcher(database_);
    const auto end = steady_clock::now() + patience_;
    while (!attendance_.wait_for_all_asked(milliseconds(0))) {
      if (steady_clock::now() >= end) return false;
      processes_.collect_until(steady_clock::now() + look_interval);
      look_who_waits(watcher, what);
    }
    return true;
  }
  bool wait_for_all_ended() override {
    processes_.collect_until(steady_clock::now() + patience_);
    return processes_.all_ended();
  }
  void pass(milliseconds time) override { processes_.collect_until(steady_clock::now() + time); }

 private:
  /// Whoever waits in the server has asked.
  void look_who_waits(arena::Connection& watcher, Asks what) {
    const auto waiting = watcher.ask(
        "SELECT l.pid FROM pg_catalog.pg_locks l JOIN pg_catalog.pg_stat_activity a USING (pid)"
        " WHERE NOT l.granted AND a.datname = current_database()" +
        std::string(what == Asks::for_an_advisory_lock ? " AND l.locktype = 'advisory'" : ""));
    if (waiting.empty()) return;
    for (const Event& event : recorder_.history().events) {
      if (event.kind != Event::Kind::opened || !event.backend_pid) continue;
      const auto pid = std::to_string(*event.backend_pid);
      if (std::ranges::any_of(waiting, [&](const arena::Row& row) { return row.at(0) == pid; }))
        attendance_.asked(event.replica);
    }
  }

  fleet::ProcessFleet& processes_;
  Attendance& attendance_;
  const gate::Recorder& recorder_;
  const arena::Address& database_;
  const milliseconds patience_;
};

class ProgramStage {
 public:
  ProgramStage(const Stage& stage, const Folder& folder, const Program& program,
               const arena::Database& database, const StageOptions& options, LockToHold lock)
      : stage_(stage),
        database_(database),
        options_(options),
        lock_(lock),
        folder_(folder_for(stage.call, folder, program, database)),
        subject_(subject_for(program, stage, options)),
        replicas_(stage.replicas + replicas_beside(stage)),
        recorder_(replicas_),
        attendance_(replicas_),
        changing_(program),
        harm_(changing_, stage, options.tracker),
        faults_(harm_, stage.faults),
        barrier_(faults_, is_staggered() ? 1 : replicas_),
        bystanders_(stage, database.address(), std::move(lock), recorder_) {
    if (replicas_ == stage.replicas) return;
    for (const scenario::Beside& beside : stage.beside)
      for (std::size_t copy = 0; copy < beside.replicas; ++copy)
        others_.push_back(std::make_unique<OtherCopy>(beside, folder, program, database, subject_));
  }

  StageSeen run() {
    bystanders_.arrive();
    if (stage_.lock_wait)
      bound_waits(fmt::format("SET lock_timeout = {}", stage_.lock_wait->count()));
    StageSeen seen;
    {
      fleet::WireFleet fleet(subjects(), database_, folder_.path(), gate_, recorder_,
                             {.held_at_most = std::min(gathering_max, options_.patience / 2),
                              .pooling = pooling(),
                              .when_ended = [this](std::size_t replica) { ended(replica); }});
      start(fleet.processes());
      if (bystanders_.are_there()) {
        RunningCopies copies(fleet.processes(), attendance_, recorder_, database_.address(),
                             options_.patience / 2);
        bystanders_.stay(copies, seen);
      }
      fleet.finish_within(options_.patience);
      seen.leftovers = observe::leftovers(database_.address(), leftovers_patience);
    }
    if (stage_.lock_wait) bound_waits("RESET lock_timeout");
    seen.history = recorder_.history();
    seen.wanted =
        is_staggered() || failed_unasked(seen.history) ? 0 : std::min<std::size_t>(replicas_, 2);
    seen.gathered = is_staggered() ? 0 : barrier_.gathered();
    seen.unfired = faults_.unfired().size() + harm_.unfired();
    return seen;
  }

 private:
  std::vector<const fleet::Subject*> subjects() const {
    std::vector<const fleet::Subject*> all(stage_.replicas, &subject_);
    for (const auto& other : others_) all.push_back(&other->subject());
    return all;
  }

  /// As it was to or might, and before it asked the server anything: then nobody could meet
  /// anybody.
  bool failed_unasked(const core::History& history) const {
    const bool may_fail = stage_.expected_error || asks_any(stage_, {"refused-or-applied"});
    return may_fail && history.steps.empty();
  }

  fleet::WireFleet::Pooling pooling() const {
    using Pooling = fleet::WireFleet::Pooling;
    return stage_.way == scenario::Way::pooler ? Pooling::transaction : Pooling::none;
  }

  bool is_staggered() const { return stage_.arrival == scenario::Arrival::staggered; }

  void ended(std::size_t replica) {
    attendance_.ended(replica);
    barrier_.leaves(replica);
  }

  void start(fleet::ProcessFleet& processes) const {
    if (!is_staggered()) return processes.release();
    const auto start = steady_clock::now();
    for (const auto& [delay, replica] : fleet::arrivals(replicas_, stagger_max, options_.seed)) {
      processes.collect_until(start + delay);
      processes.release_one(replica);
    }
  }

  /// What an operator sets for every session to come, of any program.
  void bound_waits(std::string_view what) const {
    arena::Connection connection(database_.address());
    connection.run(fmt::format("ALTER DATABASE {} {}",
                               connection.identifier(database_.address().database()), what));
  }

  const Stage& stage_;
  const arena::Database& database_;
  const StageOptions& options_;
  const LockToHold lock_;
  const NeutralFolder folder_;
  const fleet::Subject subject_;
  std::vector<std::unique_ptr<OtherCopy>> others_;  ///< numbered after the others
  const std::size_t replicas_;
  gate::Recorder recorder_;
  Attendance attendance_;
  Changing changing_;
  ProgramHarm harm_;
  gate::Faults faults_;
  gate::Barrier barrier_;
  TryAsking asking_{barrier_, attendance_, lock_.advisory.empty() ? lock_.other : nullptr};
  gate::OnThreads gate_{asking_};
  Bystanders bystanders_;
};

}  // namespace

StageSeen run_program_stage(const Stage& stage, const Folder& folder, const Program& program,
                            const arena::Database& database, const StageOptions& options,
                            const LockToHold& lock) {
  return ProgramStage(stage, folder, program, database, options, lock).run();
}

}  // namespace gauntlet::run
