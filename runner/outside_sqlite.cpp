// SQLite's rules for what runs outside a transaction.
#include "runner/outside_sqlite.h"

#include "runner/apply/applying.h"
#include "runner/sql/statement_sqlite.h"
#include "runner/sqlite/connection_state.h"
#include "runner/sqlite/schema_guard.h"

#include <algorithm>
#include <string>

namespace gauntlet::runner {

namespace {

using Runs = SchemaGuard::Runs;

Runs what_runs(const Task& task) { return task.code() ? Runs::code : Runs::sql; }

class SqliteGuard final : public Guard {
 public:
  SqliteGuard(Session& session, const Task& task) : guard_(session, task.sql(), what_runs(task)) {}
  std::optional<Harm> harm() const override { return guard_.harm(); }

 private:
  SchemaGuard guard_;
};

class SqliteKept final : public Kept {
 public:
  SqliteKept(Session& session, const Task& task)
      : state_(session, task.sql(),
               task.code() || is_rebuild(task.sql()) ? ConnectionState::Reads::any
                                                     : ConnectionState::Reads::what_sql_names) {}
  void restore() const override { state_.restore(); }

 private:
  ConnectionState state_;
};

}  // namespace

std::unique_ptr<Guard> OutsideSqlite::guard(Session& session, const Task& task) const {
  return std::make_unique<SqliteGuard>(session, task);
}

std::unique_ptr<Kept> OutsideSqlite::keep_connection(const Applying& applying,
                                                     const Task& task) const {
  return std::make_unique<SqliteKept>(applying.session, task);
}

std::vector<OwnStatement> OutsideSqlite::before_transaction(const Task& task) const {
  if (!is_rebuild(task.sql())) return {};
  return {{Purpose::setting, "PRAGMA foreign_keys = OFF"}};
}

// Each statement of a file that is sent whole commits by itself, but in a transaction of the file's
// own.
bool OutsideSqlite::committed_nothing(std::string_view sql, std::size_t completed) const {
  const Split parts = split_sqlite(sql);
  bool in_transaction = false;
  for (std::size_t index = 0; index < std::min(completed, parts.statements.size()); ++index) {
    const std::string_view statement = parts.statements[index].sql;
    const auto control = needs_of_sqlite(statement).transaction_control;
    if (control == "BEGIN") {
      in_transaction = true;
    } else if (control == "ROLLBACK") {
      in_transaction = false;
    } else if (control == "COMMIT" || (!in_transaction && !is_pragma(statement))) {
      return false;
    }
  }
  return true;
}

}  // namespace gauntlet::runner
