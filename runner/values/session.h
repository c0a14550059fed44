// One connection to one database, and the door through which every statement of the runner passes.
// A session belongs to one thread at a time.
#pragma once

#include "runner/values/engine.h"
#include "runner/values/error.h"
#include "runner/values/message.h"
#include "runner/values/sql_dialect.h"

#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace gauntlet::runner {

/// One statement's result. A null is nullopt.
struct Result {
  std::vector<std::string> columns;
  std::vector<std::vector<std::optional<std::string>>> rows;
  std::string tag;  ///< the command tag, `CREATE TABLE`
};

/// What the server said about a failing statement (PostgreSQL manual, 55.8 Error and Notice Message
/// Fields).
struct ServerMessage {
  std::string sqlstate = {};  ///< five characters; empty when the connection itself was lost
  std::string message = {}, detail = {}, hint = {}, context = {};
  /// Where in the message sent: CHARACTERS from 1; absent for most errors at run time and at
  /// COMMIT.
  std::optional<std::size_t> position = {};
  /// SQLite's result code (`SQLITE_BUSY`), which stands for a SQLSTATE there.
  std::string sqlite_code = {};

  /// Of a notice: `WARNING`, `NOTICE`, `INFO`, whatever language the server speaks.
  std::string severity = {};
  /// The place in the server's own source that raised it, `postgres.c:3310`: unlike the message it
  /// is the same in every language. Empty where the engine does not tell.
  std::string raised_at = {};

  /// ` (SQLSTATE 42P01)`, ` (SQLITE_BUSY)`; empty where there is neither.
  std::string code_text() const;
};

/// The message, its SQLSTATE, then detail, hint and context where there are any, each on a line.
std::string to_string(const ServerMessage& said);

/// A statement that the server refused, or a connection that ended under it.
class SqlError : public Error {
 public:
  /// Told in the server's own words: code `statement-failed`, or `connection-lost`.
  SqlError(ServerMessage said, std::size_t statements_completed, std::string where = {},
           std::string fix = {});
  /// Told by a layer that knows more; what the server said stays available.
  SqlError(const Error& told, ServerMessage said, std::size_t statements_completed);

  const ServerMessage& said() const noexcept { return said_; }
  /// How many statements of the message had completed before the failing one.
  std::size_t statements_completed() const noexcept { return statements_completed_; }
  bool connection_lost() const noexcept {
    return said_.sqlstate.empty() && said_.sqlite_code.empty();
  }

 private:
  ServerMessage said_;
  std::size_t statements_completed_;
};

enum class TransactionStatus { idle, active, in_transaction, in_error, unknown };

/// What bounds a statement, and the wait for its reply.
struct StatementLimits {
  /// Of one message (PostgreSQL). nullopt: as long as the server process works at it, which is
  /// checked on a second connection every 5 s.
  std::optional<std::chrono::milliseconds> reply = std::nullopt;
  // The rest only where the engine runs in this process (SQLite); PostgreSQL is told in SQL.
  /// For another connection's lock on the file; nullopt waits for ever.
  std::optional<std::chrono::milliseconds> lock_wait = std::chrono::milliseconds(30'000);
  std::chrono::milliseconds run{0};  ///< 0: no limit
  /// Dropped: a result has columns and tag, and its rows are forgotten as they come in, so that the
  /// memory needed does not grow with them. Kept: all of them stand in memory.
  enum class Rows { kept, dropped } rows = Rows::kept;
};

class Session {
 public:
  virtual ~Session() = default;

  virtual Engine engine() const = 0;
  /// What this session's engine says differently; lives as long as the program.
  virtual const SqlDialect& dialect() const = 0;

  /// Sends `message` (one or more statements) as one message and returns each statement's result.
  /// Throws: SqlError for the first statement that fails; Error `copy-from-stdin` if one asks for
  /// data.
  virtual std::vector<Result> send(std::string_view message) = 0;

  /// The same of a message whose statements say what they are there for, as all of the runner's own
  /// do: a decorator may tell them apart. By default its text is sent.
  virtual std::vector<Result> send_message(const Message& message) { return send(message.text()); }

  /// Called with each notice or warning that the server reports, on the session's thread, inside
  /// send() and query(); an empty function for none. Nothing may be sent from it.
  using OnNotice = std::function<void(const ServerMessage&)>;
  // By value: a session that reports notices keeps it.
  virtual void on_notice(OnNotice /*call*/) {}  // NOLINT(performance-unnecessary-value-param)

  /// One statement with text parameters `$1`, `$2` …
  virtual Result query(std::string_view statement,
                       const std::vector<std::optional<std::string>>& parameters = {}) = 0;

  virtual TransactionStatus transaction_status() const = 0;

  /// From now on the statement in flight is cancelled when `fd` becomes readable, and send() throws
  /// Error `interrupted`; once, so that what is sent afterwards (a ROLLBACK) still runs.
  virtual void interrupt_with(int fd) { (void)fd; }

  /// From now on; returns what was before.
  virtual StatementLimits limit(const StatementLimits& limits) { return limits; }

  /// The server process that the connection was given (BackendKeyData); behind a pooler another
  /// answers.
  virtual int backend_pid() const = 0;

  /// Waits, with nothing in flight, for a notification's payload; nullopt after `patience`.
  /// Returns early with nullopt when `interrupt_fd` (-1 for none) becomes readable.
  virtual std::optional<std::string> wait_for_notification(std::chrono::milliseconds patience,
                                                           int interrupt_fd) = 0;

  /// `text` as a string constant, `name` as an identifier, quoted for this engine.
  virtual std::string literal(std::string_view text) const = 0;
  virtual std::string identifier(std::string_view name) const = 0;
};

struct ConnectOptions {
  std::string application_name = "gauntlet-migrate";
  std::chrono::seconds connect_timeout{10};
  /// What a database file that is not there means (SQLite).
  enum class MissingFile { create, refuse } missing_file = MissingFile::create;
};

/// Other limits of a session while the value lives.
class LimitedWhile {
 public:
  template <typename Change>
  LimitedWhile(Session& session, const Change& change)
      : session_(session), before_(session.limit({})) {
    StatementLimits limits = before_;
    change(limits);
    session.limit(limits);
  }
  ~LimitedWhile() { session_.limit(before_); }
  LimitedWhile(const LimitedWhile&) = delete;
  LimitedWhile& operator=(const LimitedWhile&) = delete;

 private:
  Session& session_;
  StatementLimits before_;
};

/// As Session::send_message(), with a migration's body: nobody reads its rows, so they are dropped.
std::vector<Result> send_body(Session& session, const Message& message);

/// Ends the transaction that a failure left open, if there is one.
void roll_back(Session& session);

/// A COMMIT of ours would commit what the lender of a session has begun in it.
/// Throws: Error `session-not-idle`.
void refuse_unless_idle(const Session& session);

/// Where a run gets its sessions from: one URL, or a caller's pool.
class SessionSource {
 public:
  virtual ~SessionSource() = default;

  /// A session is destroyed holding whatever the run took (a lock, LISTEN), which closing it gives
  /// back; unless outlives_run().
  /// Throws: Error `no-session` when none can be had within `patience`, `connect-failed`.
  virtual std::unique_ptr<Session> acquire(std::chrono::milliseconds patience) = 0;

  /// True for a pool that lends the same connection again: a run then unlocks, and sees that it
  /// did, and stops listening before it gives the session back.
  virtual bool outlives_run() const { return false; }
};

/// Hands everything on to another session: what a decorator (a gate, a pool's lent session, one
/// that kills) builds on.
class ForwardingSession : public Session {
 public:
  explicit ForwardingSession(std::unique_ptr<Session> session) : session_(std::move(session)) {}

  Engine engine() const override { return session_->engine(); }
  const SqlDialect& dialect() const override { return session_->dialect(); }
  std::vector<Result> send(std::string_view message) override { return session_->send(message); }
  Result query(std::string_view statement,
               const std::vector<std::optional<std::string>>& parameters = {}) override {
    return session_->query(statement, parameters);
  }
  TransactionStatus transaction_status() const override { return session_->transaction_status(); }
  void on_notice(OnNotice told) override { session_->on_notice(std::move(told)); }
  void interrupt_with(int fd) override { session_->interrupt_with(fd); }
  StatementLimits limit(const StatementLimits& limits) override { return session_->limit(limits); }
  int backend_pid() const override { return session_->backend_pid(); }
  std::optional<std::string> wait_for_notification(std::chrono::milliseconds patience,
                                                   int interrupt_fd) override {
    return session_->wait_for_notification(patience, interrupt_fd);
  }
  std::string literal(std::string_view text) const override { return session_->literal(text); }
  std::string identifier(std::string_view name) const override {
    return session_->identifier(name);
  }

 protected:
  Session& inner() { return *session_; }

  /// Has it back: for a destructor that returns it to its pool. Nothing may be called afterwards.
  std::unique_ptr<Session> take() { return std::move(session_); }

 private:
  std::unique_ptr<Session> session_;
};

}  // namespace gauntlet::runner
