// What processes may wait for that none of them does: a peer of a connection, the holder of a file
// lock, somebody's input. As /proc shows it; any thread.
#pragma once

#include <set>
#include <string>
#include <vector>

#include <sys/types.h>

namespace gauntlet::fleet {

/// A thread of `pid` waits in a call on this descriptor, or to open a file.
struct BlockedOn {
  pid_t pid = 0;
  int descriptor = -1;
  bool opens = false;
};

/// `a connection to 10.0.0.7:443`; empty where there is nothing of the kind. Connections to one of
/// `database_ports`, and those between the processes, do not count.
std::string outside_of_trees(const std::set<pid_t>& pids, const std::set<int>& database_ports,
                             const std::vector<BlockedOn>& blocked);

}  // namespace gauntlet::fleet
