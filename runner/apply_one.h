// One migration: the messages that run and record it, and what is told when one fails.
// Part of apply; belongs to the session's thread.
#pragma once

#include "runner/delivery.h"
#include "runner/lock.h"
#include "runner/migration.h"
#include "runner/session.h"
#include "runner/tracker.h"

#include <chrono>
#include <string>
#include <vector>

namespace gauntlet::runner {

/// The settings a run makes, and makes again after each body.
struct RunSettings {
  std::chrono::milliseconds statement_timeout{0};  ///< 0 leaves the server's
  std::chrono::milliseconds lock_timeout{0};       ///< 0 leaves the server's
  /// A statement of ours whose process is gone ends within a fraction of a second, where the server
  /// can.
  bool check_connection = true;

  /// `SET LOCAL …` or `SET …` statements.
  enum class Scope { transaction, session };
  std::vector<std::string> statements(Scope scope) const;
};

/// What a run holds while it applies. The lock is held, the tracker read.
struct Applying {
  Session& session;
  const Tracker& tracker;
  const Lock& lock;
  RunSettings settings;
};

/// Whether the waiters are told with this migration's commit.
enum class Turn { more_follow, last };

/// Runs and records `migration`, all or nothing unless its delivery is outside a transaction.
/// Throws: SqlError `migration-failed`, `not-recorded`, `lock-lost`, `connection-lost`; Error
/// `interrupted`, `copy-from-stdin`, `invalid-index`, `open-transaction`. After any but a lost
/// connection no transaction is open.
void apply_one(const Applying& applying, const Migration& migration, Delivery delivery, Turn turn);

/// What is told of a migration whose mark stands though nobody runs it: code `in-progress`.
Error in_progress_error(const Applying& applying, const Mark& mark, const Migration& migration);

}  // namespace gauntlet::runner
