// What the engines say differently: the runner's own statements as each understands them, and what
// its errors mean. Pure: text in, text out. Any thread may call.
#pragma once

#include "runner/sql/statement.h"
#include "runner/values/direction.h"
#include "runner/values/migration.h"
#include "runner/values/plan.h"
#include "runner/values/session.h"

#include <string>
#include <string_view>
#include <vector>

namespace gauntlet::runner {

/// The tracker's two tables: bare, and quoted for SQL.
struct TrackerTables {
  std::string schema, tracker, marks, quoted, quoted_marks;
};

class Dialect {
 public:
  virtual ~Dialect() = default;

  /// The schema of a table that the user gave as `schema` (empty: none given); empty: the server
  /// tells. Throws: Error `bad-table-name` where there can be no such schema.
  virtual std::string schema_of(const std::string& schema) const = 0;

  /// One statement that reads the tracker, and the marks if `marks_exist`; Tracker::reading_of()
  /// understands its rows.
  virtual std::string read_tracker(const Session& session, const TrackerTables& tables,
                                   bool marks_exist) const = 0;
  /// Which of the two tables there are, without touching them.
  virtual std::string probe_tracker(const Session& session, const TrackerTables& tables) const = 0;
  /// A condition that is true while one of `versions` is not recorded.
  virtual std::string pending_condition(const TrackerTables& tables,
                                        const std::vector<Version>& versions) const = 0;
  virtual std::string no_tracker_condition(const Session& session,
                                           const TrackerTables& tables) const = 0;
  /// Fails, as is_done() knows, if `version` is recorded already, or downwards not any more.
  virtual std::string recheck(const TrackerTables& tables, Version version,
                              Direction direction) const = 0;
  /// Fails, as is_busy() knows, while `version` has a mark; empty where the lock tells.
  virtual std::string refuse_mark(const TrackerTables& tables, Version version) const = 0;
  /// Fails, as is_done() knows, unless the mark stands as `mark` has it; empty as above.
  virtual std::string recheck_mark(const TrackerTables& tables, const Mark& mark) const = 0;
  virtual std::string create_tracker(const TrackerTables& tables) const = 0;
  virtual std::string create_marks(const TrackerTables& tables) const = 0;
  virtual std::string begin() const = 0;  ///< of a transaction that writes
  virtual std::string now() const = 0;    ///< an expression
  virtual std::string backend_pid(const Session& session) const = 0;  ///< an expression

  /// Undo what a body did to the session: sent between body and record.
  virtual std::vector<std::string> resets() const = 0;
  /// The same before each transaction, where it cannot be done inside one.
  virtual std::vector<std::string> resets_before() const = 0;
  /// What a pool's session is given back with.
  virtual std::string reset_session() const = 0;
  /// Lets the record of a migration outside a transaction be written whatever its role.
  virtual std::string own_role() const = 0;
  /// Gives name and quoted name of every invalid index; empty where there is no such thing.
  virtual std::string invalid_indexes() const = 0;

  /// Gives schema, table and its columns, sorted; no row if there is none.
  virtual std::string find_legacy(const Session& session, const std::string& schema,
                                  const std::string& table, bool search) const = 0;
  /// Gives version and dirty (`true`) of at most two rows.
  virtual std::string read_legacy(const std::string& quoted) const = 0;
  /// Keeps writers away from it until the transaction ends; empty where the transaction does.
  virtual std::string lock_legacy(const std::string& quoted) const = 0;

  virtual Split split(std::string_view sql) const = 0;
  virtual StatementNeeds needs_of(std::string_view statement) const = 0;
  /// The session alone is changed by it, and an interrupted migration that goes on must say it
  /// again.
  virtual bool is_setting(std::string_view statement) const = 0;

  virtual bool names_a_missing_table(const SqlError& error) const = 0;
  virtual bool names_foreign_columns(const SqlError& error) const = 0;
  /// Another session has what a statement of ours would not wait for.
  virtual bool is_busy(const SqlError& error) const = 0;
  /// A recheck's way of saying so.
  virtual bool is_done(const SqlError& error) const = 0;
};

const Dialect& dialect_of(Engine engine);
const Dialect& postgres_dialect();
const Dialect& sqlite_dialect();

}  // namespace gauntlet::runner
