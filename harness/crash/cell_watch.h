// The server as it is seen from outside of a cell's database. One thread.
#pragma once

#include "harness/arena/arena.h"
#include "harness/arena/connection.h"

#include <optional>
#include <string>

namespace gauntlet::crash {

class CellWatch {
 public:
  /// Throws: Error `connect-failed`.
  explicit CellWatch(const arena::Database& database);

  /// Ends the session, and waits until it has left.
  void terminate(int backend);
  /// Asks the server to end it, and does not wait.
  void ask_to_end(int backend);
  /// Does any session of the database wait for a lock?
  bool is_anybody_waiting();
  /// False if somebody is left after 10 s.
  bool wait_until_all_left() { return wait_until_none("datname = $1", database_); }
  /// The server was started again: the old session is gone.
  void connect_again();

 private:
  bool wait_until_none(const std::string& which, const std::string& value);

  const arena::Address maintenance_;
  std::optional<arena::Connection> connection_;
  const std::string database_;
};

}  // namespace gauntlet::crash
