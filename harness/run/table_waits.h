// Who waits for an ACCESS EXCLUSIVE lock on a table while somebody else uses it, and how long. One
// thread.
#pragma once

#include "harness/arena/arena.h"
#include "harness/arena/connection.h"
#include "harness/oracle/oracle.h"

#include <chrono>
#include <map>
#include <string>
#include <utility>
#include <vector>

namespace gauntlet::run {

class TableWaits {
 public:
  /// Throws: Error `connect-failed`.
  explicit TableWaits(const arena::Address& database) : connection_(database) {}

  /// Looks once; a wait lasts as long as each look finds it. Throws: StatementError.
  void look();
  /// The longest wait of each session for each table.
  std::vector<oracle::TableWait> longest() const;

 private:
  using Who = std::pair<int, std::string>;  // server process, table
  struct Seen {
    std::chrono::steady_clock::time_point since;
    std::chrono::milliseconds longest{0};
    bool waits = false;
  };

  arena::Connection connection_;
  std::map<Who, Seen> seen_;
};

}  // namespace gauntlet::run
