// What a migration changes of its connection and not of the database: PRAGMAs, temporary tables,
// attached files. Each would reach the next migration, in silence: an INSERT would write to a
// temporary table of the same name. Belongs to the session's thread.
#pragma once

#include "runner/values/session.h"

#include <map>
#include <set>
#include <string>
#include <string_view>

namespace gauntlet::runner {

/// Remembers the state of a SQLite connection and brings it back; does nothing on PostgreSQL.
class ConnectionState {
 public:
  /// Reads only what `sql`, the migration's text, can change. `any`: code runs, which may change
  /// all.
  enum class Reads { what_sql_names, any };
  ConnectionState(Session& session, std::string_view sql, Reads reads);

  /// Call without a transaction. Throws: SqlError.
  void restore() const;

 private:
  void restore_pragmas() const;
  void drop_temporary_objects() const;
  void detach_files() const;
  std::set<std::string> temporary_objects() const;
  std::set<std::string> attached_files() const;

  Session& session_;
  bool pragmas_ = false, temporary_ = false, attached_ = false;
  std::map<std::string, std::string> values_;  ///< by PRAGMA
  std::set<std::string> temporary_before_, attached_before_;
};

}  // namespace gauntlet::runner
