// What SQLite lets a migration leave behind in silence, found by comparing before and after.
// Belongs to the session's thread.
#pragma once

#include "runner/sqlite/broken_objects.h"
#include "runner/sqlite/dangling.h"
#include "runner/sqlite/id_marks.h"
#include "runner/values/harm.h"
#include "runner/values/session.h"

#include <optional>
#include <string>
#include <string_view>

namespace gauntlet::runner {

/// `-- gauntlet: rebuild`: foreign keys are off around the transaction of the file.
bool is_rebuild(std::string_view sql);

class SchemaGuard {
 public:
  enum class Runs { sql, code };
  /// Reads the state before `sql`, or before `sql` and code, runs.
  SchemaGuard(Session& session, std::string_view sql, Runs runs);

  /// Reads the state again; nullopt if the task did no harm.
  std::optional<Harm> harm() const;

 private:
  std::string schema_version() const;
  std::optional<Harm> broken_schema() const;
  std::optional<Harm> lowered_ids() const;
  std::optional<Harm> dangling_keys() const;

  Session& session_;
  bool changes_schema_ = false, switches_foreign_keys_ = false;
  bool renames_ = false;  ///< and leaves the marks of ids to SQLite
  std::string version_before_;
  Compiled compiled_before_;
  Dangling dangling_before_;
  IdMarks id_marks_before_;
};

}  // namespace gauntlet::runner
