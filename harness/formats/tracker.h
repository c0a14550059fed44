// The trackers of common migration tools: how each is recognised, and how its rows are read.
// Pure, so safe on any thread.
#pragma once

#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace gauntlet::formats {

/// A table that a tool records in, told by its name and columns.
struct Tracker {
  std::string_view tool;
  std::string_view table;
  std::vector<std::string_view> columns;  ///< it has these
  bool no_other_columns = false;
  bool file_names = false;  ///< a name is the whole name of a file, with number and extension
  /// Gives version (or the name that begins with it), name or null, and whether it succeeded; `{}`
  /// is the table.
  std::string_view query = {};
  bool only_newest = false;
  std::string_view not_supported = {};  ///< why its rows are no set of numbers
  std::string_view create = {};         ///< the statement by which the tool makes it
};

/// What a user's query calls its first column where the tool keeps only the newest version.
constexpr std::string_view newest_column = "newest";

/// The one whose table and columns these are; null if there is none.
const Tracker* recognise(std::string_view table, const std::set<std::string>& columns);

/// The tools that call a table of theirs so, in any case: `golang-migrate, dbmate or Rails, Ecto`;
/// empty where none does.
std::string tools_of_table(std::string_view table);

/// The statement by which the tool makes its table, for files that use that themselves; of several
/// tools, that of the one whose up files are called as `file` is. Empty where it is not known.
std::string statement_that_creates(std::string_view table, std::string_view file);

}  // namespace gauntlet::formats
