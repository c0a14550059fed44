// The barrier inside a database: whoever wants to write to one table waits, and readers do not.
//
// Held over the table in which a runner records what it applied, it lets every copy that is not
// kept out by a lock of the runner's own read, apply, and wait there together: what each has
// applied twice is then no matter of luck. An ordinary LOCK TABLE … IN SHARE MODE, rolled back
// afterwards. One thread at a time.
#pragma once

#include "harness/arena/arena.h"

#include <chrono>
#include <cstddef>
#include <memory>
#include <string>

namespace gauntlet::fleet {

class TableHold {
 public:
  /// Of `tables` (as SQL writes them, separated by commas) in `database`; nothing is held yet.
  /// Throws: Error `no-hold`.
  TableHold(const arena::Database& database, const std::string& tables);
  ~TableHold();  ///< lets all go on
  TableHold(const TableHold&) = delete;
  TableHold& operator=(const TableHold&) = delete;

  /// Waits at most half a second for writers that are at it. False if they did not end: nothing is
  /// held.
  bool close();
  bool is_closed() const;
  /// Sessions that wait to write. Throws: Error `no-hold`.
  std::size_t waiting() const;
  void open();  ///< lets all go on. Throws: Error `no-hold`.

 private:
  struct Session;
  std::unique_ptr<Session> session_;
};

}  // namespace gauntlet::fleet
