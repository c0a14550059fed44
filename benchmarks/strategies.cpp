#include "benchmarks/strategies.h"

#include "benchmarks/blocking_lock.h"
#include "benchmarks/thread_fleet.h"
#include "harness/bench/cpu_time.h"
#include "harness/bench/judge.h"
#include "harness/gate/gated_session.h"
#include "runner/apply.h"
#include "runner/connect.h"
#include "runner/source/source.h"

#include <algorithm>
#include <map>

#include <fmt/format.h>

namespace gauntlet::benchmarks {

namespace {

using bench::Cell;
using bench::Role;
using bench::Seen;
using bench::Work;
using runner::LockMode;

constexpr const char* waits_in_server = "blocking";

core::Judgement judged(const std::vector<Outcome>& outcomes) {
  std::vector<core::Finding> findings;
  for (const Outcome& outcome : outcomes) {
    if (!outcome.failure.empty())
      findings.push_back({.id = "replica-failed", .message = outcome.failure});
  }
  return core::judged(std::move(findings));
}

class Strategy final : public bench::Contender {
 public:
  Strategy(std::string name, Role role, std::optional<LockMode> mode, Ground& ground,
           const Loads& loads)
      : name_(std::move(name)), role_(role), mode_(mode), ground_(ground), loads_(loads) {
    for (const Work& work : loads.works())
      listings_.emplace(work.load, runner::read_folder(work.migrations));
  }

  std::string name() const override { return name_; }
  Role role() const override { return role_; }

  Seen run(const Cell& cell) override {
    const arena::Address database = database_for(cell);
    await_quiet(database);
    Seen seen;
    const double before = bench::own_cpu_ms();
    const ThreadStorm storm = let_go(cell.replicas, database.conninfo(), act(cell));
    seen.makespan_ms = storm.makespan_ms;
    seen.client_cpu_ms = bench::own_cpu_ms() - before;
    await_quiet(database);
    for (const Outcome& outcome : storm.outcomes) seen.waits_ms.push_back(outcome.wait_ms);
    seen.judgement = judged(storm.outcomes);
    if (mode_) core::merge(seen.judgement, bench::judge_applied(work_of(cell), database, ""));
    return seen;
  }

  std::optional<core::History> record(const Cell& cell) override {
    const arena::Address database = database_for(cell);
    gate::OpenGate open;
    gate::Recorder recorder(cell.replicas);
    const gate::Doorway doorway{.gate = open, .recorder = recorder};
    const Act plain = act(cell);
    const Act seen = [&](std::size_t replica, runner::SessionSource& sessions) {
      gate::GatedSource gated(sessions, doorway, replica);
      recorder.note({.kind = core::Event::Kind::released, .replica = replica});
      plain(replica, gated);
      recorder.note({.kind = core::Event::Kind::exited, .replica = replica, .exit_code = 0});
    };
    let_go(cell.replicas, database.conninfo(), seen);
    return recorder.history();
  }

 private:
  Act act(const Cell& cell) const {
    if (!mode_) {
      return [](std::size_t, runner::SessionSource& sessions) {
        sessions.acquire(std::chrono::seconds(60))->send("SELECT 1");
      };
    }
    const runner::Listing& listing = listings_.at(cell.load);
    const runner::RunOptions options{.lock = *mode_};
    const bool blocks = name_ == waits_in_server;
    const bool nobody_waits = *mode_ == LockMode::none && !work_of(cell).is_done_before;
    return [=, &listing](std::size_t replica, runner::SessionSource& sessions) {
      static const runner::Listing nothing;
      const bool only_looks = nobody_waits && replica > 0;
      if (!blocks) return void(runner::up(sessions, only_looks ? nothing : listing, options));
      BlockingLock blocking(sessions);
      runner::up(blocking, listing, options);
    };
  }

  const Work& work_of(const Cell& cell) const {
    return *std::ranges::find(loads_.works(), cell.load, &Work::load);
  }

  arena::Address database_for(const Cell& cell) {
    const bool stays = !mode_ || work_of(cell).is_done_before;
    if (!stays) return ground_.fresh();
    const std::string database = "migrated_" + name_;
    auto& there = migrated_[database];
    if (!there) {
      there = ground_.fresh(database);
      if (mode_) {
        const auto sessions = runner::sessions_of(there->conninfo());
        runner::up(*sessions, listings_.at(cell.load), {.lock = *mode_});
      }
    }
    return *there;
  }

  void await_quiet(const arena::Address& database) {
    arena::Connection control(ground_.server().local());
    await(control, fmt::format("SELECT count(*) = 0 FROM pg_stat_activity WHERE datname = '{}'",
                               database.database()));
  }

  std::string name_;
  Role role_;
  std::optional<LockMode> mode_;  ///< none: the floor
  Ground& ground_;
  const Loads& loads_;
  std::map<std::string, runner::Listing> listings_ = {};
  std::map<std::string, std::optional<arena::Address>> migrated_ = {};
};

}  // namespace

Loads::Loads(const std::vector<int>& holds_ms) {
  add("nothing pending", 5, std::chrono::milliseconds(0));
  works_.back().is_done_before = true;
  add("5 pending", 5, std::chrono::milliseconds(0));
  for (const int hold : holds_ms)
    add(fmt::format("1 pending, held {} ms", hold), 1, std::chrono::milliseconds(hold));
}

void Loads::add(const std::string& load, std::size_t count, std::chrono::milliseconds hold) {
  const Folder& folder = *folders_.emplace_back(std::make_unique<Folder>());
  works_.push_back(bench::journalled_work(load, folder.path(), count, hold));
}

std::vector<Cell> Loads::cells(const std::vector<std::size_t>& fleets) const {
  std::vector<Cell> cells;
  for (const Work& work : works_) {
    for (const std::size_t replicas : fleets)
      cells.push_back({.load = work.load, .replicas = replicas});
  }
  return cells;
}

std::vector<std::unique_ptr<bench::Contender>> strategies(Ground& ground, const Loads& loads) {
  std::vector<std::unique_ptr<bench::Contender>> all;
  const auto add = [&](const std::string& name, Role role, std::optional<LockMode> mode) {
    all.push_back(std::make_unique<Strategy>(name, role, mode, ground, loads));
  };
  add("bare", Role::floor, std::nullopt);
  add("notify", Role::reference, LockMode::notify);
  add(waits_in_server, Role::other, LockMode::notify);
  add("transaction", Role::other, LockMode::transaction);
  add("none", Role::other, LockMode::none);
  return all;
}

}  // namespace gauntlet::benchmarks
