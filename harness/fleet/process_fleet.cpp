#include "harness/fleet/process_fleet.h"

#include "harness/fleet/file_locks.h"
#include "harness/fleet/waits.h"

#include <algorithm>
#include <csignal>
#include <optional>
#include <utility>

#include <fmt/format.h>
#include <poll.h>
#include <sys/wait.h>

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
/// What a killed process is given to be dead.
constexpr milliseconds dying_max{2'000};
/// How often somebody looks whether the copies make progress.
constexpr milliseconds watch_interval{1'000};

}  // namespace

ProcessFleet::ProcessFleet(std::vector<Copy> copies, const std::filesystem::path& migrations,
                           Start start, Watcher watcher)
    : copies_(std::move(copies)), watcher_(std::move(watcher)) {
  history_.replicas = copies_.size();
  history_.outputs.resize(copies_.size());
  const auto folder = migrations.empty() ? migrations : std::filesystem::absolute(migrations);
  for (std::size_t replica = 0; replica < copies_.size(); ++replica) {
    const Copy& copy = copies_[replica];
    const auto& work = work_folders_.emplace_back().path();
    process::Command command =
        command_of(copy.subject, copy.address, placeholder_values(copy.address, folder, work));
    command.held = start == Start::held;
    processes_.push_back(process::Process::start(command));
    note({.kind = core::Event::Kind::started, .replica = replica});
  }
}

ProcessFleet::ProcessFleet(const Subject& subject, const arena::Database& database,
                           const std::filesystem::path& migrations, std::size_t replicas,
                           Start start)
    : ProcessFleet(std::vector<Copy>(replicas, {subject, database.loopback()}), migrations, start,
                   {}) {}

void ProcessFleet::release() {
  for (std::size_t replica = 0; replica < processes_.size(); ++replica) release_one(replica);
}

void ProcessFleet::release_one(std::size_t replica) {
  if (released_ == began_) released_ = steady_clock::now();
  processes_[replica].release();
  note({.kind = core::Event::Kind::released, .replica = replica});
}

void ProcessFleet::kill(std::size_t replica) {
  processes_[replica].kill_group();
  processes_[replica].wait_for(kill_patience);
  note({.kind = core::Event::Kind::killed, .replica = replica, .signal = SIGKILL});
  --running_;
}

void ProcessFleet::kill_now(std::size_t replica) const noexcept {
  const pid_t pid = processes_[replica].pid();
  ::kill(-pid, SIGKILL);
  const auto deadline = steady_clock::now() + dying_max;
  siginfo_t info{};
  // Nobody collects it here: it stays a zombie, whose pid nobody else is given.
  while (steady_clock::now() < deadline) {
    info.si_pid = 0;
    if (::waitid(P_PID, static_cast<id_t>(pid), &info, WEXITED | WNOWAIT | WNOHANG) != 0 ||
        info.si_pid == pid)
      return;
    ::poll(nullptr, 0, 1);
  }
}

void ProcessFleet::ask_to_end(std::size_t replica) {
  processes_[replica].signal(SIGTERM);
  note({.kind = core::Event::Kind::noted, .text = fmt::format("replica {} gets SIGTERM", replica)});
}

void ProcessFleet::pause(std::size_t replica) {
  processes_[replica].signal(SIGSTOP);
  note({.kind = core::Event::Kind::noted, .text = fmt::format("replica {} is stopped", replica)});
}

void ProcessFleet::go_on(std::size_t replica) {
  processes_[replica].signal(SIGCONT);
  note({.kind = core::Event::Kind::noted, .text = fmt::format("replica {} goes on", replica)});
}

bool ProcessFleet::has_ended(std::size_t replica) const {
  return history_.exit_of(replica) != nullptr;
}

void ProcessFleet::collect_one_until(steady_clock::time_point deadline) {
  const std::size_t before = running_;
  while (running_ == before && steady_clock::now() < deadline) collect(deadline);
}

void ProcessFleet::collect_until(steady_clock::time_point deadline) {
  while (running_ > 0 && steady_clock::now() < deadline) collect(deadline);
}

void ProcessFleet::gather_at(const Door& door, const RaceOptions& options) {
  gather([&] { return door.waiting(); }, options, door_settled);
}

void ProcessFleet::gather_at(const FileDoor& door, const RaceOptions& options) {
  std::vector<pid_t> pids;
  pids.reserve(processes_.size());
  for (const process::Process& process : processes_) pids.push_back(process.pid());
  // Where readers pass, a program needs its time from opening the file to its first write.
  gather([&] { return door.waiting(pids); }, options,
         options.held ? options.held->settled : door_settled);
}

void ProcessFleet::gather(const std::function<std::size_t()>& waiting, const RaceOptions& options,
                          milliseconds settled) {
  const auto deadline = released_ + options.patience;
  std::size_t most = 0;
  steady_clock::time_point first = deadline, latest = deadline;
  while (running_ > 0 && steady_clock::now() < std::min(first + options.door_patience, deadline)) {
    collect(std::min(steady_clock::now() + door_interval, deadline));
    const std::size_t now_there = waiting();
    if (now_there > most) {
      latest = steady_clock::now();
      if (most == 0) first = latest;
      most = now_there;
    }
    if (most >= running_ && steady_clock::now() >= latest + settled) break;
  }
  look_for_file_locks();
  history_.sessions_at_the_door = waiting();
}

void ProcessFleet::gather_at(TableHold& hold, const RaceOptions& options) {
  bool opened = !hold.is_closed();
  std::size_t most = 0;
  auto end = released_ + options.patience;
  while (running_ > 0 && steady_clock::now() < end) {
    // Until somebody comes, nobody is kept waiting: only from then on the time counts.
    const std::size_t there = wait_for_writers(hold, options.held->settled, end);
    if (most == 0) end = std::min(end, steady_clock::now() + options.held->total);
    most = std::max(most, there);
    if (!opened) look_for_file_locks();
    if (!std::exchange(opened, true)) {
      note({.kind = core::Event::Kind::writers_released,
            .text = "the held tracker is open to writers"});
    }
    hold.open();
    if (!hold.close()) break;
  }
  hold.open();
  history_.sessions_at_the_door = most;
}

/// Each copy leads a process group of its own.
void ProcessFleet::look_for_file_locks() {
  std::set<pid_t> groups;
  for (std::size_t replica = 0; replica < processes_.size(); ++replica)
    if (!has_ended(replica)) groups.insert(pid(replica));
  history_.file_locks.merge(file_locks_between(groups));
}

void ProcessFleet::finish_within(milliseconds patience, const arena::Address& database,
                                 StandstillWatch* watch) {
  finish_within(
      patience, [&] { history_.waits = waits_in(database); }, watch);
}

void ProcessFleet::collect_watched(steady_clock::time_point deadline, StandstillWatch& watch) {
  while (running_ > 0 && steady_clock::now() < deadline) {
    collect_until(std::min(deadline, steady_clock::now() + watch_interval));
    std::set<pid_t> leaders;
    for (std::size_t replica = 0; replica < processes_.size(); ++replica)
      if (!has_ended(replica)) leaders.insert(pid(replica));
    if (leaders.empty()) return;
    history_.standstill = watch.look(leaders);
    if (history_.standstill) return;
  }
}

void ProcessFleet::finish_within(milliseconds patience, const std::function<void()>& before_kill,
                                 StandstillWatch* watch) {
  if (watch == nullptr) {
    collect_until(released_ + patience);
  } else {
    collect_watched(released_ + patience, *watch);
  }
  if (running_ > 0 && before_kill) before_kill();
  for (std::size_t replica = 0; replica < processes_.size(); ++replica) {
    if (history_.exit_of(replica) != nullptr) continue;
    processes_[replica].kill_group();
    processes_[replica].wait_for(kill_patience);
    note({.kind = core::Event::Kind::killed, .replica = replica, .signal = SIGKILL});
  }
}

core::History ProcessFleet::history() {
  for (std::size_t replica = 0; replica < processes_.size(); ++replica) {
    const arena::Address& address = copies_[replica].address;
    history_.outputs[replica] = {without_password(processes_[replica].out(), address),
                                 without_password(processes_[replica].err(), address)};
  }
  return std::move(history_);
}

/// Returns how many had come when nobody new did for `settled`, or none still ran.
std::size_t ProcessFleet::wait_for_writers(const TableHold& hold, milliseconds settled,
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

void ProcessFleet::collect(steady_clock::time_point until) {
  for (const std::size_t replica : process::wait_any(processes_, until)) {
    const process::Exit exit = processes_[replica].exit().value_or(process::Exit{});
    note({.kind = core::Event::Kind::exited,
          .replica = replica,
          .exit_code = exit.code,
          .signal = exit.signal});
    --running_;
  }
}

void ProcessFleet::note(core::Event event) {
  event.at = std::chrono::duration_cast<std::chrono::microseconds>(steady_clock::now() - began_);
  if (watcher_) watcher_(event);
  history_.events.push_back(event);
  if (event.kind == core::Event::Kind::started) ++running_;
}

}  // namespace gauntlet::fleet
