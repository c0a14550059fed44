#include "harness/crash/cell.h"

#include "harness/arena/connection.h"
#include "harness/crash/harm_gate.h"
#include "harness/crash/hold.h"
#include "harness/fleet/wire_fleet.h"
#include "harness/observe/observe.h"
#include "harness/oracle/effects.h"
#include "runner/values/error.h"

#include <algorithm>
#include <functional>

namespace gauntlet::crash {

namespace {

using core::Event;
using fault::Harm;
using std::chrono::milliseconds;
using std::chrono::steady_clock;

constexpr milliseconds look_interval{2};
/// What a statement that was let go is given to be seen at the server: held, answered, or running.
constexpr milliseconds seen_max{2'000};
/// A rerun that has asked nothing for so long waits for somebody, or polls.
constexpr milliseconds quiet{150};
/// How long a rerun is let run beside the statement that is held.
constexpr milliseconds beside_max{1'500};
/// What a server is given to notice that a client has gone.
constexpr milliseconds leaving_max{10'000};

/// The server as it is seen from outside of the cell's database.
class Watch {
 public:
  explicit Watch(const arena::Database& database)
      : connection_(database.maintenance()), database_(database.address().database()) {}

  void terminate(int backend) {
    connection_.ask("SELECT pg_catalog.pg_terminate_backend($1::int)", {std::to_string(backend)});
    wait_until_none("pid = $1::int", std::to_string(backend));
  }

  /// Does any session of the database wait for a lock?
  bool is_anybody_waiting() {
    return !connection_
                .ask(
                    "SELECT pid FROM pg_catalog.pg_stat_activity WHERE datname = $1 AND "
                    "wait_event_type = 'Lock'",
                    {database_})
                .empty();
  }

  /// False if somebody is left.
  bool wait_until_all_left() { return wait_until_none("datname = $1", database_); }

 private:
  bool wait_until_none(const std::string& which, const std::string& value) {
    const auto deadline = steady_clock::now() + leaving_max;
    while (true) {
      const auto left = connection_.ask(
          "SELECT pid FROM pg_catalog.pg_stat_activity WHERE backend_type = 'client backend'"
          " AND pid <> pg_catalog.pg_backend_pid() AND " +
              which,
          {value});
      if (left.empty()) return true;
      if (steady_clock::now() >= deadline) return false;
      connection_.pause(look_interval);
    }
  }

  arena::Connection connection_;
  const std::string database_;
};

class CellRun {
 public:
  CellRun(const CellAsked& asked, const Point& point, const Harm& harm)
      : asked_(asked),
        point_(point),
        harm_(harm),
        database_(asked.arena.fresh("crash")),
        watch_(*database_),
        gate_(point.target, harm) {}

  CellSeen run() {
    run_harmed();
    seen_.left = watch_.wait_until_all_left();
    if (!has_rerun_) rerun(seen_.rerun, {});
    seen_.left = watch_.wait_until_all_left() && seen_.left;
    if (seen_.rerun.exit_code == 0) seen_.rerun.after = place();
    rerun(seen_.last, {});
    watch_.wait_until_all_left();
    seen_.after = place();
    seen_.applied = observe::applied(database_->address(), asked_.applied_query,
                                     seen_.applied_missing, asked_.tool);
    return std::move(seen_);
  }

 private:
  Place place() const { return asked_.prefixes.place(database_->address()); }

  void run_harmed() {
    gate::Recorder recorder(1);
    {
      fleet::WireFleet fleet({&asked_.subject}, *database_, asked_.migrations, gate_, recorder,
                             {.held_at_most = asked_.patience + leaving_max,
                              .orphan_patience = asked_.patience + leaving_max});
      auto& processes = fleet.processes();
      gate_.kill_with([&processes] { processes.kill_now(0); });
      processes.release();
      deadline_ = steady_clock::now() + asked_.patience;
      wait_for(processes, [this] { return gate_.standing().has_value(); });
      if (gate_.standing()) harm_standing(recorder, processes);
      wait_for(processes, [] { return false; });
      seen_.fired = gate_.has_fired();
      gate_.let_go();
      fleet.finish_within(asked_.patience);
      gate_.kill_with({});
    }
    note_end(seen_.harmed, recorder.history());
    if (seen_.harmed.exit_code == 0 && watch_.wait_until_all_left()) seen_.harmed.after = place();
  }

  /// Until it is so, or the program has ended, or its time is over.
  void wait_for(fleet::ProcessFleet& processes, const std::function<bool()>& wanted) const {
    while (!wanted() && !processes.all_ended() && steady_clock::now() < deadline_)
      processes.collect_until(std::min(deadline_, steady_clock::now() + look_interval));
  }

  void harm_standing(const gate::Recorder& recorder, fleet::ProcessFleet& processes) {
    const auto backend = oracle::backend_of(recorder.history(), *gate_.standing());
    if (!backend) return gate_.let_go();
    if (harm_.what == Harm::What::terminate) {
      watch_.terminate(*backend);
      return gate_.let_go();
    }
    if (harm_.what == Harm::What::delay) {
      processes.collect_until(steady_clock::now() + harm_.time);
      return gate_.let_go();
    }
    if (harm_.what == Harm::What::pause) return pause(processes);
    end_while_running(*backend, processes);
  }

  /// The server executes the statement, and a rerun meets what the client holds.
  void pause(fleet::ProcessFleet& processes) {
    processes.pause(0);
    gate_.let_go();
    rerun(seen_.rerun, [&](fleet::ProcessFleet& beside, const gate::Recorder& other) {
      wait_beside(beside, other, [this] { return watch_.is_anybody_waiting(); });
      processes.go_on(0);
      deadline_ = steady_clock::now() + asked_.patience;
    });
    has_rerun_ = true;
  }

  void end_while_running(int backend, fleet::ProcessFleet& processes) {
    Hold hold(*database_, point_.statements);
    gate_.let_go_unheard();
    const auto until = steady_clock::now() + seen_max;
    while (!seen_.was_running && !gate_.is_answered() && steady_clock::now() < until) {
      seen_.was_running = hold.is_waited_for_by(backend);
      if (!seen_.was_running) processes.collect_until(steady_clock::now() + look_interval);
    }
    if (gate_.is_answered()) return;  // too short to be held: ended with its reply unread
    gate_.kill_with({});
    if (!processes.has_ended(0)) processes.kill(0);
    seen_.fired = true;
    rerun(seen_.rerun, [&](fleet::ProcessFleet& beside, const gate::Recorder& other) {
      wait_beside(beside, other, [&] { return hold.is_met_by_another(backend); });
      hold.let_go();
    });
    has_rerun_ = true;
  }

  /// Until the rerun has ended, waits for somebody, or does nothing any more.
  static void wait_beside(fleet::ProcessFleet& processes, const gate::Recorder& recorder,
                          const std::function<bool()>& is_met) {
    const auto until = steady_clock::now() + beside_max;
    std::size_t events = 0;
    auto latest = steady_clock::now();
    while (!processes.all_ended() && steady_clock::now() < until) {
      processes.collect_until(steady_clock::now() + look_interval);
      if (is_met()) return;
      const std::size_t now_there = recorder.history().events.size();
      if (now_there != events) latest = steady_clock::now();
      events = now_there;
      const bool has_asked = !recorder.history().steps.empty();
      if (has_asked && steady_clock::now() >= latest + quiet) return;
    }
  }

  using Beside = std::function<void(fleet::ProcessFleet&, const gate::Recorder&)>;
  void rerun(RunSeen& seen, const Beside& beside) const {
    gate::Recorder recorder(1);
    gate::OpenGate open;
    gate::AtOnce gate(open);
    {
      fleet::WireFleet fleet({&asked_.subject}, *database_, asked_.migrations, gate, recorder,
                             {.start = fleet::ProcessFleet::Start::at_once});
      if (beside) beside(fleet.processes(), recorder);
      fleet.finish_within(asked_.patience);
    }
    note_end(seen, recorder.history());
  }

  void note_end(RunSeen& seen, core::History history) const {
    seen.history = std::move(history);
    const Event* end = seen.history.exit_of(0);
    seen.was_ended = end != nullptr && end->kind == Event::Kind::killed;
    if (end == nullptr || !end->exit_code) return;
    seen.exit_code = end->exit_code;
    seen.ok = std::ranges::find(asked_.subject.success_codes, *end->exit_code) !=
              asked_.subject.success_codes.end();
  }

  const CellAsked& asked_;
  const Point& point_;
  const Harm& harm_;
  const std::unique_ptr<arena::Database> database_;
  Watch watch_;
  HarmGate gate_;
  CellSeen seen_;
  steady_clock::time_point deadline_ = {};
  bool has_rerun_ = false;
};

}  // namespace

std::string RunSeen::said() const {
  if (history.outputs.empty()) return {};
  return history.outputs.front().out + "\n" + history.outputs.front().err;
}

CellSeen run_cell(const CellAsked& asked, const Point& point, const Harm& harm) {
  return CellRun(asked, point, harm).run();
}

}  // namespace gauntlet::crash
