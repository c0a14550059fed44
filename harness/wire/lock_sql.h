// Locks in SQL text: which a text takes, and the same text with the lock made a no-op, which shows
// whether it mattered. Strings and comments are left alone; so are functions and DO blocks, whose
// bodies are strings. Pure.
// Source: PostgreSQL manual, "Explicit Locking" and "Advisory Lock Functions".
#pragma once

#include "harness/wire/sql_edit.h"

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace gauntlet::wire {

/// A call of an advisory lock function.
struct AdvisoryCall {
  std::size_t offset = 0, length = 0;       ///< of the function's name, a schema or quotes aside
  std::string function = {};                ///< in lower case
  std::vector<std::string> arguments = {};  ///< as written: `$1`, `42`, `hashtext('a')`
  bool quoted = false;                      ///< its name stood in double quotes

  bool releases() const { return function.find("unlock") != std::string::npos; }
  bool tries() const { return function.find("_try_") != std::string::npos; }
  bool shared() const { return function.ends_with("_shared"); }
  bool until_commit() const { return function.find("_xact_") != std::string::npos; }
};

std::vector<AdvisoryCall> advisory_calls(std::string_view sql);

/// Every exclusive advisory lock becomes a shared one, and with it its release: same arguments,
/// same result, and nobody waits. nullopt where there is none. The columns keep their names.
std::optional<EditedSql> with_shared_advisory_locks(std::string_view sql);

/// Every LOCK TABLE takes ACCESS SHARE, which conflicts with DROP and its like only.
std::optional<EditedSql> with_weak_table_locks(std::string_view sql);

/// FOR UPDATE, FOR NO KEY UPDATE, FOR SHARE and FOR KEY SHARE are gone, with OF, NOWAIT and SKIP
/// LOCKED. Policies, which say FOR UPDATE too, stay.
std::optional<EditedSql> without_row_locks(std::string_view sql);

}  // namespace gauntlet::wire
