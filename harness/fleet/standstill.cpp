#include "harness/fleet/standstill.h"

#include "harness/fleet/standstill_server.h"

#include <algorithm>
#include <charconv>
#include <string>
#include <utility>

namespace gauntlet::fleet {

using std::chrono::milliseconds;
using std::chrono::steady_clock;

namespace {

/// A program that only waits uses less than this part of one CPU: timers, garbage collectors.
constexpr int cpu_part = 20;
/// The server is asked only about programs that have been idle for this part of the bound.
constexpr int asked_after_part = 5;
/// Wakes of a thread that show nothing: its own last steps into the wait.
constexpr std::uint64_t wakes_ignored = 4;
/// One that may wait for what cannot be seen is given so many times the bound.
constexpr int in_doubt = 4;
constexpr milliseconds after_sleep{5'000};

}  // namespace

std::set<int> ports_of(const std::vector<arena::Address>& addresses) {
  std::set<int> ports;
  for (const arena::Address& address : addresses) {
    const std::string port = address.file().empty() ? address.port() : std::string();
    int number = 0;
    std::from_chars(port.data(), port.data() + port.size(), number);
    if (number > 0) ports.insert(number);
  }
  return ports;
}

StandstillWatch::StandstillWatch(const arena::Database& database, std::set<int> database_ports,
                                 const StandstillOptions& options)
    : options_(options),
      ports_(std::move(database_ports)),
      server_(std::make_unique<StandstillServer>(database)) {}

StandstillWatch::~StandstillWatch() = default;

bool StandstillWatch::has_progressed(const TreeActivity& now) {
  const auto idle = std::chrono::duration_cast<milliseconds>(steady_clock::now() - since_);
  // One that ended took its time with it, unless its parent collected it.
  const milliseconds used = std::max(now.cpu - then_.cpu, milliseconds(0));
  if (now.works || used * cpu_part > std::max(idle, milliseconds(1'000))) return true;
  return idle >= options_.idle / asked_after_part && server_->has_progressed();
}

std::optional<core::Standstill> StandstillWatch::look(const std::set<pid_t>& leaders) {
  const TreeActivity now = activity_of_trees(leaders);
  for (const pid_t pid : now.pids)
    if (!then_.pids.contains(pid)) started_.insert(pid);
  if (now.pids.empty() || then_.pids.empty() || has_progressed(now)) {
    since_ = steady_clock::now();
    then_ = now;
    started_.clear();
    server_->forget();
    is_suspected_ = false;
    return std::nullopt;
  }
  if (steady_clock::now() - since_ < options_.idle) return std::nullopt;
  auto still = decide(now);
  // A wait that ended in the middle of a look shows in the next one.
  const bool is_confirmed = std::exchange(is_suspected_, still.has_value());
  return is_confirmed ? std::move(still) : std::nullopt;
}

std::optional<core::Standstill> StandstillWatch::decide(const TreeActivity& now) {
  const auto idle = std::chrono::duration_cast<milliseconds>(steady_clock::now() - since_);
  const TreeWait wait = waits_of_trees(now.pids, ports_);
  core::Standstill still{.lasted = idle, .doing = wait.doing, .outside = wait.outside};
  if (still.outside.empty()) still.outside = server_->outside();
  still.looks_again = !started_.empty() || server_->repeats();
  const bool wakes = now.wakes > then_.wakes + wakes_ignored;
  still.is_done = options_.is_done && options_.is_done();
  const bool is_in_doubt = !still.outside.empty() || server_->repeats() ||
                           (!still.is_done && (still.looks_again || wakes || !wait.is_readable));
  milliseconds needed = is_in_doubt ? in_doubt * options_.idle : options_.idle;
  // Shorter ones have come to their end meanwhile.
  const bool sleeps_on = wait.sleeps && *wait.sleeps > options_.idle;
  if (sleeps_on && *wait.sleeps <= options_.sleep_max)
    needed = std::max(needed, *wait.sleeps + after_sleep);
  return idle >= needed ? std::optional(std::move(still)) : std::nullopt;
}

}  // namespace gauntlet::fleet
