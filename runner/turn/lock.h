// Who may apply: what each lock mode adds to the messages of a run.
//
// The usual one (LockMode::notify) is a session advisory lock, held by the session that runs the
// migrations. Nobody ever waits for it inside the server, where a waiting statement holds a
// snapshot that CREATE INDEX CONCURRENTLY in the holder would wait for. It is tried, and who is
// refused listens: the holder notifies in its last migration's transaction. Belongs to the
// session's thread.
#pragma once

#include "runner/sqlite/file_lock.h"
#include "runner/values/lock_mode.h"
#include "runner/values/message.h"
#include "runner/values/migration.h"
#include "runner/values/session.h"

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace gauntlet::runner {

/// FNV-1a-64 of `schema.table`, as its bits stand in a signed bigint; never 0.
std::int64_t lock_key_of(std::string_view schema_table);

/// A session that holds the lock, as pg_stat_activity shows it; of a SQLite file the process that
/// has its write lock.
struct LockHolder {
  int pid = 0;
  std::string application = {};  ///< a process: its program, where that may be known
  std::string address = {}, since = {}, state = {}, statement = {};  ///< of a session
  std::string file = {};                                             ///< of a process

  /// One line for a person; for a session with the statement that ends it.
  std::string text() const;
};

/// nullopt if nobody holds the advisory lock `key`. One statement.
std::optional<LockHolder> lock_holder(Session& session, std::int64_t key);
/// nullopt if nobody has the lock on this SQLite database, or the system does not say.
std::optional<LockHolder> lock_holder(const std::filesystem::path& file);

/// The statements that make up the lock; each is sent inside a message of the caller's.
class Lock {
 public:
  /// `table` is the tracker, quoted for SQL, which LockMode::table locks.
  Lock(Session& session, LockMode mode, std::int64_t key, std::string table);

  const std::string& table() const { return table_; }  ///< the tracker, qualified and quoted
  std::int64_t key() const { return key_; }
  LockMode mode() const { return mode_; }

  /// Whether one turn lasts a whole run, or one migration's transaction.
  bool lasts_a_run() const { return mode_ != LockMode::transaction && mode_ != LockMode::table; }

  /// Takes the lock for the session. LockMode::notify gives one row, `true` if it was taken, while
  /// `condition` holds; else none, and takes nothing. LockMode::blocking waits, and gives `true`.
  std::string take_statement(const std::string& condition) const;

  /// Takes the lock for this transaction, or fails: `is_busy` knows how. Empty where a turn lasts a
  /// run.
  std::string transaction_statement() const;
  bool is_busy(const SqlError& error) const;

  /// What opens a transaction that has the turn: BEGIN, and transaction_statement() if there is
  /// one. On SQLite BEGIN IMMEDIATE is both.
  std::vector<OwnStatement> opening() const;

  /// Sends what opens a transaction; where the engine would wait for the lock in this process
  /// (SQLite), it does not.
  std::vector<Result> send_at_once(const std::string& message) const;

  /// What a turn does not cover on SQLite, where it is a transaction: a migration outside one, a
  /// hook. Nobody else has it while the value lives; null if somebody has it now. On PostgreSQL it
  /// is always given, and keeps out nobody.
  std::shared_ptr<const void> try_beside() const;

  /// Fails with 22012 (division by zero) if another session has the lock. If nobody has it any more
  /// (a body may have given it up), this takes it for the transaction. Empty where the lock cannot
  /// be lost, or there is none.
  std::string proof_statement() const;

  /// The same outside a transaction: takes it for the session.
  std::string session_proof_statement() const;

  /// Gives `true` if the session had the lock and now has it once less. Empty if there is none.
  std::string release_statement() const;

  /// Empty, as the next, where nobody listens.
  std::string listen_statement() const;
  std::string unlisten_statement() const;
  /// Heard by the waiters when its transaction commits. It takes a lock on the whole cluster until
  /// then, so it belongs into the last transaction only.
  std::string notify_statement(const std::string& payload) const;

  /// Who holds it now, in words; empty if nobody does. One statement.
  std::string holder_text() const;

  /// Who holds it now, if anybody and if it can be held. One statement.
  std::optional<LockHolder> holder() const;

 private:
  std::string file_of_session() const;

  Session& session_;
  LockMode mode_;
  std::int64_t key_;
  std::string table_;
  std::string channel_;
  mutable std::unique_ptr<FileLock> beside_;
};

/// This process, as another replica's operator finds it: `process 4711 on web-7`.
std::string this_replica();

/// What a failing holder tells the waiters: they would fail at the same bytes, too.
struct FailureNotice {
  Version version;
  std::string checksum;
  std::string replica = {};  ///< whose failure it is: `process 4711 on web-7`

  std::string payload() const;
  static std::optional<FailureNotice> parse(std::string_view payload);
};

/// How often a waiter asks without having been told, times a random factor of 0.5 to 1 so that
/// waiters do not march in step. Where a notification will come: 250 ms, growing to 1 s in a long
/// wait. Where none can: a quarter of the time waited, 10 to 250 ms.
class Fallback {
 public:
  enum class Told { by_notification, by_nobody };

  explicit Fallback(std::uint32_t seed, Told told = Told::by_notification);
  std::chrono::milliseconds next(std::chrono::milliseconds waited);

 private:
  std::uint32_t random_;
  Told told_;
};

}  // namespace gauntlet::runner
