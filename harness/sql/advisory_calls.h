// Calls of advisory lock functions in SQL text. Strings and comments are left alone; so are
// functions and DO blocks, whose bodies are strings. Pure. Source: PostgreSQL manual, "Advisory
// Lock Functions".
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace gauntlet::sql {

struct AdvisoryCall {
  std::size_t offset = 0, length = 0;       ///< of the function's name, a schema or quotes aside
  std::string function = {};                ///< in lower case
  std::vector<std::string> arguments = {};  ///< as written: `$1`, `42`, `hashtext('a')`
  bool quoted = false;                      ///< its name stood in double quotes

  bool releases() const { return function.find("unlock") != std::string::npos; }
  bool releases_all() const { return function == "pg_advisory_unlock_all"; }
  bool tries() const { return function.find("_try_") != std::string::npos; }
  bool shared() const { return function.ends_with("_shared"); }
  bool until_commit() const { return function.find("_xact_") != std::string::npos; }

  /// The arguments without blanks, separated by commas, with what was bound to `$1` put in.
  std::string key(const std::vector<std::optional<std::string>>& parameters = {}) const;
};

/// In the order in which they stand in the text. DISCARD ALL counts as `pg_advisory_unlock_all`.
std::vector<AdvisoryCall> advisory_calls(std::string_view sql);

}  // namespace gauntlet::sql
