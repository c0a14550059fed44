// What SQLite lets a migration leave behind in silence, found by comparing before and after.
// Belongs to the session's thread.
#pragma once

#include "runner/sqlite/broken_objects.h"
#include "runner/sqlite/dangling.h"
#include "runner/values/session.h"
#include "runner/values/task.h"

#include <optional>
#include <string>

namespace gauntlet::runner {

/// `-- gauntlet: rebuild`: foreign keys are off around the transaction of the file.
bool is_rebuild(const Task& task);

class SchemaGuard {
 public:
  /// Reads the state before the task. Does nothing on PostgreSQL.
  SchemaGuard(Session& session, const Task& task);

  struct Harm {
    std::string code;  ///< `broken-schema`, `dangling-rows`
    std::string what;  ///< `left views or triggers that no longer compile`
    std::string list;  ///< a line each, for `where:`
    std::string fix;
  };
  /// Reads the state again; nullopt if the task did no harm.
  std::optional<Harm> harm() const;

 private:
  std::string schema_version() const;

  Session& session_;
  bool changes_schema_ = false, switches_foreign_keys_ = false;
  std::string version_before_;
  Compiled compiled_before_;
  Dangling dangling_before_;
};

}  // namespace gauntlet::runner
