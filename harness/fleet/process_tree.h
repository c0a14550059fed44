// The processes that a copy of a program consists of, as /proc shows them: whether they work, and
// what they wait for. Effects: reads only. Linux; elsewhere, and where /proc is closed, nothing is
// seen. Any thread.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include <sys/types.h>

namespace gauntlet::fleet {

/// What one look at the trees costs little to see.
struct TreeActivity {
  std::chrono::milliseconds cpu{0};  ///< user and system time, of those that ended included
  bool works = false;                ///< a thread runs, can run, or waits for a disk
  std::uint64_t wakes = 0;           ///< voluntary context switches of all threads
  std::set<pid_t> pids = {};
};

/// The processes of the groups that `leaders` lead, and all their descendants.
TreeActivity activity_of_trees(const std::set<pid_t>& leaders);

/// What the processes wait for; costs more.
struct TreeWait {
  /// `python3 waits on a futex`, a process each; empty where nothing could be read.
  std::string doing = {};
  /// What comes from outside of the processes: a connection, a file lock, input. Empty: nothing was
  /// seen.
  std::string outside = {};
  /// The longest timed wait of a thread, all of it; absent where none has an end.
  std::optional<std::chrono::milliseconds> sleeps = {};
  bool is_readable = true;  ///< false where the kernel does not show what threads wait for
};

/// `database_ports`: TCP ports that lead to the database, which is nothing outside.
TreeWait waits_of_trees(const std::set<pid_t>& pids, const std::set<int>& database_ports);

}  // namespace gauntlet::fleet
