// The statements that read and write the tracker, as each engine understands them. Pure: text in,
// text out. Any thread may call.
#pragma once

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

class TrackerSql {
 public:
  virtual ~TrackerSql() = default;

  /// The schema of a table that the user gave as `schema` (empty: none given); empty: the server
  /// tells. Throws: Error `bad-table-name` where there can be no such schema.
  virtual std::string schema_of(const std::string& schema) const = 0;

  /// One cheap statement for Tracker::glance(); empty where the engine's full read is as cheap.
  virtual std::string glance(const TrackerTables& tables) const = 0;
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
  /// Fails, as SqlDialect::is_done() knows, if `version` is recorded already, or downwards not any
  /// more.
  virtual std::string recheck(const TrackerTables& tables, Version version,
                              Direction direction) const = 0;
  /// Fails, as SqlDialect::is_busy() knows, while `version` has a mark; empty where the lock tells.
  virtual std::string refuse_mark(const TrackerTables& tables, Version version) const = 0;
  /// Fails, as SqlDialect::is_done() knows, unless the mark stands as `mark` has it; empty as
  /// above.
  virtual std::string recheck_mark(const TrackerTables& tables, const Mark& mark) const = 0;
  virtual std::string create_tracker(const TrackerTables& tables) const = 0;
  virtual std::string create_marks(const TrackerTables& tables) const = 0;
  virtual std::string now() const = 0;                                ///< an expression
  virtual std::string backend_pid(const Session& session) const = 0;  ///< an expression

  /// Gives schema, table and its columns, sorted; no row if there is none.
  virtual std::string find_legacy(const Session& session, const std::string& schema,
                                  const std::string& table, bool search) const = 0;
  /// Gives version and dirty (`true`) of at most two rows.
  virtual std::string read_legacy(const std::string& quoted) const = 0;
  /// Keeps writers away from it until the transaction ends; empty where the transaction does.
  virtual std::string lock_legacy(const std::string& quoted) const = 0;
};

}  // namespace gauntlet::runner
