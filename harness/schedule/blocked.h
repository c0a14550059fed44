// Which sessions the server makes wait for others, asked on a connection of its own that passes no
// gate. One thread.
#pragma once

#include "harness/arena/connection.h"

#include <map>
#include <string>
#include <vector>

namespace gauntlet::schedule {

/// Backend -> the backends for which it waits. A backend that does not wait is absent.
using Blocked = std::map<int, std::vector<int>>;

class BlockedSessions {
 public:
  /// `maintenance` is a database of the same server, but not the one that is explored.
  explicit BlockedSessions(const arena::Address& maintenance) : server_(maintenance) {}

  /// Throws: StatementError.
  Blocked query(const std::vector<int>& backends);
  /// Cancels what the backend runs. Throws: StatementError.
  void cancel(int backend);
  void terminate(const std::vector<int>& backends);

 private:
  arena::Connection server_;
};

/// Backends of `blocked` that wait for one another in a circle.
std::vector<int> cycle_in(const Blocked& blocked);

}  // namespace gauntlet::schedule
