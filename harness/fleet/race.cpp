#include "harness/fleet/door.h"
#include "harness/fleet/fleet.h"
#include "harness/fleet/hold.h"

#include <algorithm>
#include <csignal>
#include <deque>
#include <optional>

namespace gauntlet::fleet {

namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;

/// How often the server is asked who stands at the door.
constexpr milliseconds door_interval{3};
/// Nobody new for so long, and all are there: a program may open several sessions.
constexpr milliseconds door_settled{25};
/// What a killed group is given to be collected.
constexpr milliseconds kill_patience{5'000};

enum class Start { at_once, held };

/// The copies of one run, and its history as it is written.
class Fleet {
 public:
  Fleet(const Subject& subject, const arena::Database& database,
        const std::filesystem::path& migrations, std::size_t replicas, Start start)
      : address_(database.loopback()) {
    history_.replicas = replicas;
    history_.outputs.resize(replicas);
    const auto folder = std::filesystem::absolute(migrations);
    for (std::size_t replica = 0; replica < replicas; ++replica) {
      const auto& work = work_folders_.emplace_back().path();
      process::Command command =
          command_of(subject, address_, placeholder_values(address_, folder, work));
      command.held = start == Start::held;
      processes_.push_back(process::Process::start(command));
      note({.kind = core::Event::Kind::started, .replica = replica});
    }
  }

  void release() {
    released_ = steady_clock::now();
    for (std::size_t replica = 0; replica < processes_.size(); ++replica) {
      processes_[replica].release();
      note({.kind = core::Event::Kind::released, .replica = replica});
    }
  }

  /// Returns when all that still run stand at the door, or the first has stood there long enough.
  void gather_at(const Door& door, const RaceOptions& options) {
    const auto deadline = released_ + options.patience;
    std::size_t most = 0;
    steady_clock::time_point first = deadline, latest = deadline;
    while (running_ > 0 &&
           steady_clock::now() < std::min(first + options.door_patience, deadline)) {
      collect(std::min(steady_clock::now() + door_interval, deadline));
      const std::size_t now_there = door.waiting();
      if (now_there > most) {
        latest = steady_clock::now();
        if (most == 0) first = latest;
        most = now_there;
      }
      if (most >= running_ && steady_clock::now() >= latest + door_settled) break;
    }
    history_.sessions_at_the_door = door.waiting();
  }

  /// Lets writers gather at the tables, lets them go on together, and holds the next.
  void gather_at(TableHold& hold, const RaceOptions& options) {
    std::size_t most = 0;
    auto end = released_ + options.patience;
    while (running_ > 0 && steady_clock::now() < end) {
      // Until somebody comes, nobody is kept waiting: only from then on the time counts.
      const std::size_t there = wait_for_writers(hold, options.held->settled, end);
      if (most == 0) end = std::min(end, steady_clock::now() + options.held->total);
      most = std::max(most, there);
      hold.open();
      if (!hold.close()) break;
    }
    hold.open();
    history_.sessions_at_the_door = most;
  }

  /// Collects the rest, and kills what has not ended `patience` after its release.
  void finish_within(milliseconds patience) {
    const auto deadline = released_ + patience;
    while (running_ > 0 && steady_clock::now() < deadline) collect(deadline);
    for (std::size_t replica = 0; replica < processes_.size(); ++replica) {
      if (history_.exit_of(replica) != nullptr) continue;
      processes_[replica].kill_group();
      processes_[replica].wait_for(kill_patience);
      note({.kind = core::Event::Kind::killed, .replica = replica, .signal = SIGKILL});
    }
  }

  core::History history() {
    for (std::size_t replica = 0; replica < processes_.size(); ++replica) {
      history_.outputs[replica] = {without_password(processes_[replica].out(), address_),
                                   without_password(processes_[replica].err(), address_)};
    }
    return std::move(history_);
  }

 private:
  /// Returns how many had come when nobody new did for `settled`, or none still ran.
  std::size_t wait_for_writers(const TableHold& hold, milliseconds settled,
                               steady_clock::time_point deadline) {
    std::size_t there = 0;
    auto latest = deadline;
    while (running_ > 0 && steady_clock::now() < std::min(latest + settled, deadline)) {
      collect(std::min(steady_clock::now() + door_interval, deadline));
      const std::size_t now_there = hold.waiting();
      if (now_there > there) latest = steady_clock::now();
      there = std::max(there, now_there);
    }
    return there;
  }

  void collect(steady_clock::time_point until) {
    for (const std::size_t replica : process::wait_any(processes_, until)) {
      const process::Exit exit = processes_[replica].exit().value_or(process::Exit{});
      note({.kind = core::Event::Kind::exited,
            .replica = replica,
            .exit_code = exit.code,
            .signal = exit.signal});
      --running_;
    }
  }

  void note(core::Event event) {
    event.at = std::chrono::duration_cast<std::chrono::microseconds>(steady_clock::now() - began_);
    history_.events.push_back(event);
    if (event.kind == core::Event::Kind::started) ++running_;
  }

  const arena::Address& address_;
  const steady_clock::time_point began_ = steady_clock::now();
  steady_clock::time_point released_ = began_;
  std::deque<WorkFolder> work_folders_;
  std::vector<process::Process> processes_;
  std::size_t running_ = 0;
  core::History history_;
};

}  // namespace

core::History run_once(const Subject& subject, const arena::Database& database,
                       const std::filesystem::path& migrations, milliseconds patience) {
  Fleet fleet(subject, database, migrations, 1, Start::at_once);
  fleet.release();
  fleet.finish_within(patience);
  return fleet.history();
}

namespace {

void race_through_door(Fleet& fleet, const arena::Database& database, const RaceOptions& options) {
  Door door(database);
  fleet.release();
  fleet.gather_at(door, options);
  door.open();
}

void race_held(Fleet& fleet, const arena::Database& database, const RaceOptions& options) {
  TableHold hold(database, options.held->tables);
  hold.close();
  fleet.release();
  fleet.gather_at(hold, options);
}

}  // namespace

core::History race(const Subject& subject, const arena::Database& database,
                   const std::filesystem::path& migrations, const RaceOptions& options) {
  Fleet fleet(subject, database, migrations, options.replicas, Start::held);
  if (options.held) {
    race_held(fleet, database, options);
  } else if (options.door_patience > milliseconds::zero()) {
    race_through_door(fleet, database, options);
  } else {
    fleet.release();
  }
  fleet.finish_within(options.patience);
  if (options.when_ended) options.when_ended();
  return fleet.history();
}

}  // namespace gauntlet::fleet
