// The migration lock on PostgreSQL.
//
// The usual one (LockMode::notify) is a session advisory lock, held by the session that runs the
// migrations. Nobody ever waits for it inside the server, where a waiting statement holds a
// snapshot that CREATE INDEX CONCURRENTLY in the holder would wait for. It is tried, and a replica
// that is refused listens: the holder notifies in its last migration's transaction. Belongs to the
// session's thread.
#pragma once

#include "runner/values/lock.h"

#include <cstdint>
#include <memory>
#include <optional>
#include <string>

namespace gauntlet::runner {

/// `table` is the tracker, quoted for SQL. The session outlives it.
std::unique_ptr<Lock> make_advisory_lock(Session& session, LockMode mode, std::int64_t key,
                                         std::string table);

/// nullopt if nobody holds the advisory lock `key`. One statement.
std::optional<LockHolder> lock_holder(Session& session, std::int64_t key);

}  // namespace gauntlet::runner
