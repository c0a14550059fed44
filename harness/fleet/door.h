// The barrier for programs that know of none: a database's own entry, which every session must
// pass.
//
// A session that connects takes a RowExclusiveLock on its database's entry in pg_database before it
// does anything else (InitPostgres). An uncommitted ALTER DATABASE … RENAME holds an
// AccessExclusiveLock there, so each newcomer, of any program in any language, waits at the server;
// the rollback lets all of them in at one moment and leaves nothing behind. Whoever waits is seen
// in pg_locks. One thread at a time.
#pragma once

#include "harness/arena/arena.h"

#include <cstddef>
#include <memory>

namespace gauntlet::fleet {

class Door {
 public:
  /// Closes the door of `database`, in which no session may be.
  /// Throws: Error `no-door` with the server's reason.
  explicit Door(const arena::Database& database);
  ~Door();  ///< opens it
  Door(const Door&) = delete;
  Door& operator=(const Door&) = delete;

  /// Sessions that stand at the closed door now. Throws: Error `no-door` if its own session was
  /// lost.
  std::size_t waiting() const;

  void
  open();  ///< lets all in. Throws: Error `no-door` as above; a lost session opens the door, too.

 private:
  struct Session;
  std::unique_ptr<Session> session_;
};

}  // namespace gauntlet::fleet
