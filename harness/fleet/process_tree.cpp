#include "harness/fleet/process_tree.h"

#include "harness/core/files.h"
#include "harness/fleet/outside.h"
#include "harness/fleet/proc_files.h"
#include "harness/fleet/thread_wait.h"

#include <algorithm>
#include <charconv>
#include <map>

#include <fmt/format.h>
#include <unistd.h>

namespace gauntlet::fleet {

namespace {

namespace fs = std::filesystem;
using std::chrono::milliseconds;

fs::path folder_of(pid_t pid) { return fs::path("/proc") / std::to_string(pid); }

std::uint64_t wakes_of(const fs::path& task) {
  constexpr std::string_view label = "\nvoluntary_ctxt_switches:";
  const std::string status = core::read_file_if_any(task / "status");
  const std::size_t at = status.find(label);
  if (at == std::string::npos) return 0;
  const std::size_t digits = status.find_first_of("0123456789", at);
  std::uint64_t wakes = 0;
  if (digits != std::string::npos)
    std::from_chars(status.data() + digits, status.data() + status.size(), wakes);
  return wakes;
}

/// Which of `all` belong to the trees: of a leader's group, or below one that does.
std::vector<ProcessStat> members(const std::vector<ProcessStat>& all,
                                 const std::set<pid_t>& leaders) {
  std::map<pid_t, ProcessStat> found;
  bool grows = true;
  while (grows) {
    grows = false;
    for (const ProcessStat& each : all) {
      const bool is_member =
          leaders.contains(each.pid) || leaders.contains(each.group) || found.contains(each.parent);
      if (is_member) grows = found.emplace(each.pid, each).second || grows;
    }
  }
  std::vector<ProcessStat> members;
  members.reserve(found.size());
  for (const auto& [pid, stat] : found) members.push_back(stat);
  return members;
}

milliseconds time_of(std::uint64_t ticks) {
  const long a_second = ::sysconf(_SC_CLK_TCK);
  return milliseconds(ticks * 1'000 / static_cast<std::uint64_t>(std::max(a_second, 1L)));
}

bool is_at_work(char state) { return state == 'R' || state == 'D'; }

}  // namespace

TreeActivity activity_of_trees(const std::set<pid_t>& leaders) {
  std::vector<ProcessStat> all;
  for (const fs::path& folder : numbered_folders("/proc"))
    if (auto stat = process_stat(folder)) all.push_back(std::move(*stat));
  TreeActivity activity;
  std::uint64_t ticks = 0;
  for (const ProcessStat& each : members(all, leaders)) {
    activity.pids.insert(each.pid);
    ticks += each.ticks;
    for (const fs::path& task : numbered_folders(folder_of(each.pid) / "task")) {
      const auto stat = process_stat(task);
      activity.works = activity.works || (stat && is_at_work(stat->state));
      activity.wakes += wakes_of(task);
    }
  }
  activity.cpu = time_of(ticks);
  return activity;
}

TreeWait waits_of_trees(const std::set<pid_t>& pids, const std::set<int>& database_ports) {
  TreeWait wait;
  std::vector<BlockedOn> blocked;
  for (const pid_t pid : pids) {
    std::set<std::string> doing;
    for (const fs::path& task : numbered_folders(folder_of(pid) / "task")) {
      const ThreadWait thread = wait_of_thread(pid, task);
      wait.is_readable = wait.is_readable && thread.is_known;
      if (!thread.doing.empty()) doing.insert(thread.doing);
      if (thread.at_most && (!wait.sleeps || *wait.sleeps < *thread.at_most))
        wait.sleeps = thread.at_most;
      if (thread.descriptor >= 0 || thread.opens)
        blocked.push_back({.pid = pid, .descriptor = thread.descriptor, .opens = thread.opens});
    }
    const auto stat = process_stat(folder_of(pid));
    if (!stat || doing.empty()) continue;
    // Of many threads most wait for work from the others.
    if (doing.size() > 1) doing.erase("waits for another thread");
    wait.doing += fmt::format("{}{} {}", wait.doing.empty() ? "" : ", ", stat->name,
                              fmt::join(doing, " and "));
  }
  wait.outside = outside_of_trees(pids, database_ports, blocked);
  return wait;
}

}  // namespace gauntlet::fleet
