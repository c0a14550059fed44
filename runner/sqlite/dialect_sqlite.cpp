#include "runner/sqlite/dialect_sqlite.h"

#include "runner/sql/statement_sqlite.h"
#include "runner/sqlite/transaction_lock.h"
#include "runner/values/session.h"

#include <utility>

namespace gauntlet::runner {

namespace {

bool is_general(const SqlError& error) { return error.said().sqlite_code == "SQLITE_ERROR"; }

// How TrackerSqlite's own statements fail: no other statement of ours can have this error.
bool is_ours(const SqlError& error) { return error.said().sqlite_code == "SQLITE_TOOBIG"; }

}  // namespace

Split SqliteDialect::split(std::string_view sql) const { return split_sqlite(sql); }

StatementNeeds SqliteDialect::needs_of(std::string_view statement) const {
  return needs_of_sqlite(statement);
}

OutsideStatement SqliteDialect::outside_statement(std::string_view statement) const {
  return outside_statement_sqlite(statement);
}

bool SqliteDialect::is_setting(std::string_view statement) const { return is_pragma(statement); }

std::vector<std::string> SqliteDialect::resets() const { return {"PRAGMA query_only = OFF"}; }

// Several of them are without effect inside a transaction, and none says so.
std::vector<std::string> SqliteDialect::resets_before() const {
  return {"PRAGMA query_only = OFF",
          "PRAGMA foreign_keys = ON",
          "PRAGMA ignore_check_constraints = OFF",
          "PRAGMA legacy_alter_table = OFF",
          "PRAGMA recursive_triggers = OFF",
          "PRAGMA writable_schema = OFF",
          "PRAGMA locking_mode = NORMAL"};
}

std::string SqliteDialect::reset_session() const {
  std::string message;
  for (const std::string& reset : resets_before()) message += reset + ";";
  return message;
}

bool SqliteDialect::names_a_missing_table(const SqlError& error) const { return is_general(error); }

bool SqliteDialect::names_foreign_columns(const SqlError& error) const { return is_general(error); }

bool SqliteDialect::is_busy(const SqlError& error) const {
  return error.said().sqlite_code.starts_with("SQLITE_BUSY") || is_ours(error);
}

bool SqliteDialect::is_done(const SqlError& error) const { return is_ours(error); }

std::string SqliteDialect::refused_commit_advice(const SqlError& error) const {
  if (!error.fix().empty()) return error.fix();
  return "a row refers to one that is not there: `PRAGMA foreign_key_check` after the file's "
         "statements shows which";
}

// Each transaction takes the turn by itself, whatever the mode.
std::unique_ptr<Lock> SqliteDialect::make_lock(Session& session, LockMode, std::int64_t key,
                                               std::string tracker_table) const {
  return make_transaction_lock(session, key, std::move(tracker_table));
}

const TrackerSql& SqliteDialect::tracker_sql() const { return sqlite_tracker_sql(); }

}  // namespace gauntlet::runner
