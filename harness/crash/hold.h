// A statement of somebody else's that the server is made to run for as long as we want: by locks of
// ours on what it touches, or by an old snapshot. One thread.
#pragma once

#include "harness/arena/arena.h"
#include "harness/arena/connection.h"

#include <string>
#include <vector>

namespace gauntlet::crash {

class Hold {
 public:
  /// Stands in the way of `statements`, as far as it can: where a session has an open transaction,
  /// what that has locked already cannot be had. Throws: Error `connect-failed`.
  Hold(const arena::Database& database, const std::vector<std::string>& statements);

  /// Does the server run a statement of this session that waits for us?
  bool is_waited_for_by(int backend_pid);
  /// Does any session of the database wait for a lock, the one of `aside` not counted?
  bool is_met_by_another(int aside);
  void let_go();

 private:
  arena::Connection holder_, watcher_;
  const std::string database_;
};

}  // namespace gauntlet::crash
