// What the engines say differently: a session returns the dialect of its engine, so that no room
// above names an engine. Pure, but for the lock that it makes: text in, text out. Any thread may
// call.
#pragma once

#include "runner/sql/outside_statement.h"
#include "runner/sql/statement.h"
#include "runner/values/lock_mode.h"

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace gauntlet::runner {

class Lock;          // values/lock.h
class OutsideRules;  // apply/outside_rules.h
class Session;
class SqlError;
class TrackerSql;  // tracker/tracker_sql.h

/// The settings that a run makes, and makes again after each body.
struct RunSettings {
  std::chrono::milliseconds statement_timeout{0};  ///< 0 leaves the server's
  /// For a transactional SQL file; 0 leaves what the session has.
  std::chrono::milliseconds lock_timeout{0};
  /// A statement of ours whose process is gone ends within a fraction of a second, where the server
  /// can.
  bool check_connection = true;
  /// Behind a pooler RESET ALL sets what the pooler had asked for, not what this connection did.
  bool keep_encoding = false;
};

/// What an error says, where somebody acts differently or has another remedy for it.
enum class ErrorKind {
  other,
  lock_timeout,
  cancelled,         ///< by its statement_timeout or by somebody
  read_only,         ///< the transaction or the whole server
  denied,            ///< the role lacks a privilege
  needs_no_frame,    ///< the statement refuses a transaction block
  ends_transaction,  ///< a procedure did so where it may not
  not_in_grammar,
  no_such_character,  ///< in the encoding of the database
  name_taken,         ///< by an object of another kind: a type has a table's name
};

class SqlDialect {
 public:
  virtual ~SqlDialect() = default;

  virtual Split split(std::string_view sql) const = 0;
  virtual StatementNeeds needs_of(std::string_view statement) const = 0;
  virtual OutsideStatement outside_statement(std::string_view statement) const = 0;
  /// Whether the statement changes nothing but the session, so that a migration that is resumed
  /// must repeat it.
  virtual bool is_setting(std::string_view statement) const = 0;

  /// Begins a transaction that writes.
  virtual std::string begin() const = 0;
  /// The same of a transaction that is ours alone: it writes also where a file has made the session
  /// read-only by default.
  virtual std::string begin_writing() const = 0;
  /// As begin(); each of its statements sees what was committed before that statement began.
  virtual std::string begin_read_committed() const = 0;
  /// Bounds the transaction's waits for locks; empty where a file has no such bound.
  virtual std::string bound_file_lock_waits(const RunSettings& settings) const = 0;
  /// One statement: sessions that hold locks on tables, as rows of table name and holder in words.
  /// Empty: the engine does not know.
  virtual std::string lock_holders() const = 0;
  virtual ErrorKind kind_of(const SqlError& error) const = 0;
  /// The server refused the statement, or one that a function of it sent, before that one ran.
  virtual bool is_refused_at_once(const SqlError& error) const = 0;
  /// The statement could not reach another server that it speaks to.
  virtual bool is_of_another_server(const SqlError& error) const = 0;
  /// A message that runs into a statement_timeout within a few milliseconds and changes nothing;
  /// empty: the engine has no such timeout.
  virtual std::string statement_timeout_sample() const = 0;
  /// Whether every other replica would fail at the same bytes in the same way.
  virtual bool is_the_bytes_fault(const SqlError& error) const = 0;
  /// Bounds the transaction's waits for locks on tables; empty: limit() of the session does.
  virtual std::string bound_lock_waits(std::chrono::milliseconds limit) const = 0;
  /// Whether `-- gauntlet: rebuild` means anything: foreign keys are switched off around a file.
  virtual bool has_rebuild() const = 0;
  /// Whether a transaction saves round trips when it is sent as one message. If not, the statements
  /// that open it, the body and the record are sent apart, so that each is judged by itself.
  virtual bool sends_whole_transactions() const = 0;

  /// `SET LOCAL …` or `SET …` statements.
  enum class Scope { transaction, session };
  virtual std::vector<std::string> settings(const RunSettings& settings, Scope scope) const = 0;
  /// Undo what a body did to the session: sent between body and record.
  virtual std::vector<std::string> resets() const = 0;
  /// The same before each transaction, where it cannot be done inside one.
  virtual std::vector<std::string> resets_before() const = 0;
  /// What a pool's session is given back with.
  virtual std::string reset_session() const = 0;
  /// Undoes what a file did to the encoding of what is sent; empty where it cannot do that.
  virtual std::string reset_encoding() const = 0;
  /// Let the mark of a migration outside a transaction be written whatever role it took.
  virtual std::vector<std::string> own_role() const = 0;

  virtual bool names_a_missing_table(const SqlError& error) const = 0;
  virtual bool names_foreign_columns(const SqlError& error) const = 0;
  /// CREATE found that another session created the same object.
  virtual bool names_an_existing_object(const SqlError& error) const = 0;
  /// Another session has what a statement of ours would not wait for.
  virtual bool is_busy(const SqlError& error) const = 0;
  /// A recheck's way of saying so.
  virtual bool is_done(const SqlError& error) const = 0;

  /// Why a COMMIT was refused, and how to find the row.
  virtual std::string refused_commit_advice(const SqlError& error) const = 0;
  /// What runs a session's statements, for messages: `server process`.
  virtual std::string process_noun() const = 0;

  /// The migration lock of `tracker_table`, which is quoted for SQL. Sends nothing. The session
  /// outlives it.
  virtual std::unique_ptr<Lock> make_lock(Session& session, LockMode mode, std::int64_t key,
                                          std::string tracker_table) const = 0;
  virtual const TrackerSql& tracker_sql() const = 0;
  virtual const OutsideRules& outside_rules() const = 0;
};

}  // namespace gauntlet::runner
