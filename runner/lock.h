// Who may apply: one session advisory lock, held by the session that runs the migrations.
//
// Nobody ever waits for it inside the server, where a waiting statement holds a snapshot that
// CREATE INDEX CONCURRENTLY in the holder would wait for. It is tried, and who is refused listens:
// the holder notifies in its last migration's transaction. Belongs to the session's thread.
#pragma once

#include "runner/migration.h"
#include "runner/session.h"

#include <chrono>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

namespace gauntlet::runner {

/// FNV-1a-64 of `schema.table`, as its bits stand in a signed bigint; never 0.
std::int64_t lock_key_of(std::string_view schema_table);

/// A session that holds the lock, as pg_stat_activity shows it.
struct LockHolder {
  int pid = 0;
  std::string application, address, since, state, statement;

  /// One line for a person, with the statement that ends it.
  std::string text() const;
};

/// nullopt if nobody holds `key`. One statement.
std::optional<LockHolder> lock_holder(Session& session, std::int64_t key);

/// The statements that make up the lock; each is sent inside a message of the caller's.
class Lock {
 public:
  Lock(Session& session, std::int64_t key);

  std::int64_t key() const { return key_; }

  /// Gives one row, `true` if it was taken, while `condition` holds; else none, and takes nothing.
  std::string try_statement(const std::string& condition) const;

  /// Fails with 22012 (division by zero) if another session has the lock. If nobody has it any more
  /// (a body may have given it up), this takes it for the transaction.
  std::string proof_statement() const;

  /// The same outside a transaction: takes it for the session.
  std::string session_proof_statement() const;

  std::string listen_statement() const;
  /// Heard by the waiters when its transaction commits. It takes a lock on the whole cluster until
  /// then, so it belongs into the last transaction only.
  std::string notify_statement(const std::string& payload) const;

 private:
  Session& session_;
  std::int64_t key_;
  std::string channel_;
};

/// What a failing holder tells the waiters: they would fail at the same bytes, too.
struct FailureNotice {
  Version version;
  std::string checksum;

  std::string payload() const;
  static std::optional<FailureNotice> parse(std::string_view payload);
};

/// How often a waiter asks without having been told: 250 ms, growing to 1 s in a long wait, times a
/// random factor of 0.5 to 1 so that waiters do not march in step.
class Fallback {
 public:
  explicit Fallback(std::uint32_t seed);
  std::chrono::milliseconds next(std::chrono::milliseconds waited);

 private:
  std::uint32_t random_;
};

}  // namespace gauntlet::runner
