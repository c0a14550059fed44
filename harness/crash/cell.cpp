#include "harness/crash/cell.h"

#include "harness/crash/cell_watch.h"
#include "harness/crash/harm_gate.h"
#include "harness/crash/hold.h"
#include "harness/crash/restart.h"
#include "harness/fleet/wire_fleet.h"
#include "harness/observe/observe.h"
#include "harness/oracle/effects.h"
#include "runner/values/error.h"

#include <algorithm>
#include <functional>
#include <memory>

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

using Met = std::function<bool()>;

/// A run beside the harmed one: a rerun, or the second replica.
struct BesideRun {
  BesideRun(const CellAsked& asked, const arena::Database& database)
      : fleet({&asked.subject}, database, asked.migrations, gate, recorder,
              {.start = fleet::ProcessFleet::Start::at_once}) {}

  /// Until it has ended, waits for somebody, or does nothing any more.
  void wait(const Met& is_met) {
    const auto until = steady_clock::now() + beside_max;
    std::size_t events = 0;
    auto latest = steady_clock::now();
    while (!fleet.processes().all_ended() && steady_clock::now() < until) {
      fleet.processes().collect_until(steady_clock::now() + look_interval);
      if (is_met()) return;
      const std::size_t now_there = recorder.history().events.size();
      if (now_there != events) latest = steady_clock::now();
      events = now_there;
      const bool has_asked = !recorder.history().steps.empty();
      if (has_asked && steady_clock::now() >= latest + quiet) return;
    }
  }

  gate::Recorder recorder{1};
  gate::OpenGate open;
  gate::AtOnce gate{open};
  fleet::WireFleet fleet;
};

class CellRun {
 public:
  CellRun(const CellAsked& asked, const Point& point, const Harm& harm)
      : asked_(asked),
        point_(point),
        harm_(harm),
        database_(asked.arena.fresh("crash")),
        watch_(*database_),
        gate_(point.target, harm,
              asked.replicas > 1 ? HarmGate::Stands::always : HarmGate::Stands::where_needed) {
    if (harm.stops_server()) server_.emplace(*database_);
  }

  CellSeen run() {
    run_harmed();
    finish_second();
    seen_.left = watch_.wait_until_all_left();
    const bool came_after = !has_rerun_ && seen_.left;
    if (!has_rerun_) rerun(seen_.rerun, {});
    seen_.left = watch_.wait_until_all_left() && seen_.left;
    if (seen_.rerun.exit_code == 0) seen_.rerun.after = place();
    if (came_after && has_completed()) return std::move(seen_);
    rerun(seen_.last, {});
    watch_.wait_until_all_left();
    seen_.after = place();
    read_applied();
    return std::move(seen_);
  }

 private:
  Place place() const { return asked_.prefixes.place(database_->address()); }

  void read_applied() {
    seen_.applied = observe::applied(database_->address(), asked_.applied_query,
                                     seen_.applied_missing, asked_.tool);
  }

  /// The rerun left what a clean run leaves, and a clean run's next start was seen to do nothing:
  /// then it is the last one, too.
  bool has_completed() {
    if (!asked_.is_done || !seen_.rerun.after) return false;
    read_applied();
    if (!asked_.is_done(*seen_.rerun.after, seen_.applied)) return false;
    seen_.after = *seen_.rerun.after;
    seen_.last.exit_code = seen_.rerun.exit_code;
    seen_.last.ok = seen_.rerun.ok;
    return true;
  }

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
    start_second();
    switch (harm_.what) {
      case Harm::What::stop_server:
        return restart_server();
      case Harm::What::delay:
        processes.collect_until(steady_clock::now() + harm_.time);
        return gate_.let_go();
      case Harm::What::pause:
        return pause(processes);
      case Harm::What::terminate:
        if (harm_.when == Harm::When::running) return terminate_running(*backend, processes);
        watch_.terminate(*backend);
        return gate_.let_go();
      case Harm::What::ask_to_end:
        return ask_to_end(*backend, processes);
      default:
        break;
    }
    if (harm_.when == Harm::When::running) return kill_running(*backend, processes);
    gate_.do_harm();
  }

  void restart_server() {
    server_->stop(harm_.signal);
    gate_.let_go();
    server_->start_again();
    watch_.connect_again();
  }

  /// The server executes the statement, and a rerun meets what the client holds.
  void pause(fleet::ProcessFleet& processes) {
    processes.pause(0);
    gate_.let_go();
    meet([this] { return watch_.is_anybody_waiting(); },
         [&] {
           processes.go_on(0);
           deadline_ = steady_clock::now() + asked_.patience;
         });
  }

  /// Until the server is seen to run the statement, has answered it, or shows neither.
  void wait_until_running(Hold& hold, int backend, fleet::ProcessFleet& processes) {
    const auto until = steady_clock::now() + seen_max;
    while (!seen_.was_running && !gate_.is_answered() && steady_clock::now() < until) {
      seen_.was_running = hold.is_waited_for_by(backend);
      if (!seen_.was_running) processes.collect_until(steady_clock::now() + look_interval);
    }
  }

  void kill_running(int backend, fleet::ProcessFleet& processes) {
    Hold hold(*database_, point_.statements);
    gate_.let_go_unheard();
    wait_until_running(hold, backend, processes);
    if (gate_.is_answered()) return;  // too short to be held: ended with its reply unread
    gate_.kill_with({});
    if (!processes.has_ended(0)) processes.kill(0);
    meet([&] { return hold.is_met_by_another(backend); }, [&] { hold.let_go(); });
  }

  /// One that is too short to be held has its session ended right after it.
  void terminate_running(int backend, fleet::ProcessFleet& processes) {
    Hold hold(*database_, point_.statements);
    gate_.let_go();
    wait_until_running(hold, backend, processes);
    watch_.terminate(backend);
    hold.let_go();
  }

  void ask_to_end(int backend, fleet::ProcessFleet& processes) {
    Hold hold(*database_, point_.statements);
    gate_.let_go();
    wait_until_running(hold, backend, processes);
    processes.ask_to_end(0);
    const auto until = steady_clock::now() + harm_.time;
    while (!processes.has_ended(0) && steady_clock::now() < until)
      processes.collect_until(std::min(until, steady_clock::now() + look_interval));
    if (!processes.has_ended(0)) processes.kill(0);
    meet([&] { return hold.is_met_by_another(backend); }, [&] { hold.let_go(); });
  }

  /// It comes while the first one stands, and gets as far as that lets it.
  void start_second() {
    if (asked_.replicas < 2) return;
    second_ = std::make_unique<BesideRun>(asked_, *database_);
    second_->wait([this] { return watch_.is_anybody_waiting(); });
    seen_.has_second = has_rerun_ = true;
  }

  void finish_second() {
    if (!second_) return;
    second_->fleet.finish_within(2 * asked_.patience + leaving_max);
    note_end(seen_.rerun, second_->recorder.history());
    second_.reset();
  }

  /// The second replica, or a rerun, meets what the harmed one left; `then` is done while it does.
  void meet(const Met& is_met, const std::function<void()>& then) {
    if (second_) {
      second_->wait(is_met);
      return then();
    }
    rerun(seen_.rerun, [&](BesideRun& beside) {
      beside.wait(is_met);
      then();
    });
    has_rerun_ = true;
  }

  void rerun(RunSeen& seen, const std::function<void(BesideRun&)>& beside) const {
    BesideRun run(asked_, *database_);
    if (beside) beside(run);
    run.fleet.finish_within(asked_.patience);
    note_end(seen, run.recorder.history());
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
  std::optional<ServerRestart> server_ = {};
  CellWatch watch_;
  HarmGate gate_;
  std::unique_ptr<BesideRun> second_ = {};
  CellSeen seen_ = {};
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
