// The migration lock: what each lock mode adds to the messages of a run. Belongs to the session's
// thread.
#pragma once

#include "runner/values/lock_mode.h"
#include "runner/values/message.h"
#include "runner/values/session.h"

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace gauntlet::runner {

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

/// The statements that make up the lock; each is sent inside a message of the caller's. A statement
/// is empty where the lock mode has none of its kind.
class Lock {
 public:
  virtual ~Lock() = default;

  virtual const std::string& table() const = 0;  ///< the tracker, qualified and quoted
  virtual std::int64_t key() const = 0;
  virtual LockMode mode() const = 0;

  /// Whether one turn lasts a whole run, or one migration's transaction.
  virtual bool lasts_a_run() const = 0;
  /// Whether try_beside() keeps others out while a migration runs outside a transaction.
  virtual bool covers_outside() const = 0;

  /// Takes the lock for the session. LockMode::notify gives one row, `true` if it was taken, while
  /// `condition` holds; else none, and takes nothing.
  virtual std::string take_statement(const std::string& condition) const = 0;
  /// Refuses a session whose server process is lent to others between two transactions.
  /// `answered_pid` is the process that answered `sessions`' session; asks with another of them.
  /// Throws: Error `pooler`.
  virtual void refuse_pooler(int answered_pid, SessionSource& sessions) const = 0;

  /// Takes the lock for this transaction, or fails: `is_busy` knows how. Empty where a turn lasts a
  /// run.
  virtual std::string transaction_statement() const = 0;

  /// What opens a transaction that has the turn: BEGIN, and transaction_statement() if there is
  /// one. On SQLite BEGIN IMMEDIATE is both.
  virtual std::vector<OwnStatement> opening() const = 0;

  /// What a turn does not cover where it is a transaction (SQLite): a migration outside one, a
  /// hook. Nobody else has it while the value lives; null if somebody has it now. On PostgreSQL it
  /// is always given, and keeps out nobody.
  virtual std::shared_ptr<const void> try_beside() const = 0;

  /// Fails with 22012 (division by zero) if another session has the lock. If nobody has it any more
  /// (a body may have given it up), this takes it for the transaction. Empty where the lock cannot
  /// be lost, or there is none.
  virtual std::string proof_statement() const = 0;
  /// The same outside a transaction: takes it for the session.
  virtual std::string session_proof_statement() const = 0;
  /// Gives `true` if the session had the lock and now has it once less.
  virtual std::string release_statement() const = 0;

  virtual std::string listen_statement() const = 0;
  virtual std::string unlisten_statement() const = 0;
  /// Heard by the waiters when its transaction commits. It takes a lock on the whole cluster until
  /// then, so it belongs into the last transaction only.
  virtual std::string notify_statement(const std::string& payload) const = 0;

  /// Who holds it now, in words; empty if nobody does. One statement.
  virtual std::string holder_text() const = 0;

  /// Sends what opens a transaction; where the engine would wait for the lock in this process, it
  /// does not.
  static std::vector<Result> send_at_once(Session& session, const Message& message);
};

}  // namespace gauntlet::runner
