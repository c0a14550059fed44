// How replicas take turns. A value. Any thread may use it.
#pragma once

#include <string>
#include <string_view>

namespace gauntlet::runner {

/// On PostgreSQL; on SQLite the transaction itself is the lock.
enum class LockMode {
  /// A session's advisory lock, tried and never waited for in the server: the refused listen.
  notify,
  /// A transaction's advisory lock, with a look at the tracker, inside each migration's own
  /// transaction: what a transaction pooler allows. Migrations outside a transaction are refused.
  transaction,
  /// Nobody is excluded: only for a database that nobody else migrates.
  none,
};

/// Throws: Error `bad-lock-mode`.
LockMode parse_lock_mode(std::string_view word);

std::string to_string(LockMode mode);

}  // namespace gauntlet::runner
