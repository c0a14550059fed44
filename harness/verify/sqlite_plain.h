// What the files leave in a SQLite file when they are applied plainly, one after the other: what a
// runner is held to. Works on the caller's thread, in throwaway files.
#pragma once

#include "harness/arena/arena.h"
#include "harness/core/snapshot.h"
#include "runner/values/migration.h"

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace gauntlet::verify {

/// Does the connection enforce foreign keys? SQLite itself does not unless it is told to.
enum class ForeignKeys { enforced, not_enforced };

/// A table's number of rows, by its name.
using RowCounts = std::map<std::string, std::int64_t>;

struct PlainApplication {
  std::optional<core::Snapshot> left = {};  ///< absent if a file failed
  std::string failed = {};                  ///< `002_x.up.sql: no such table: t`
  /// A statement would have deleted or emptied rows of other tables through foreign keys, and was
  /// not run: what, and in which file.
  bool loses_rows = false;
  std::string losing_file = {};
  std::string not_alone = {};  ///< a step that is code did not run alone: which, and why
};

/// What is done between two files, after all those of lower versions.
struct StepBetween {
  std::int64_t version = 0;
  std::string name = {};  ///< as messages name it
  /// Returns why it could not be done; empty: it was. No other connection to the file is open.
  std::function<std::string(const arena::Database&)> run;
};

/// Each file in a transaction of its own, unless it says that it wants none or begins one itself.
/// `between`: by ascending version.
PlainApplication apply_to_file(const arena::Database& database,
                               const std::vector<const runner::Migration*>& files,
                               ForeignKeys foreign_keys,
                               const std::vector<StepBetween>& between = {});

/// Rows of every table, and how many of them refer to a row that is not there, by foreign key.
RowCounts row_counts(const core::Snapshot& snapshot);
RowCounts dangling_references(const arena::Address& file);

}  // namespace gauntlet::verify
