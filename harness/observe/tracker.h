// The trackers of common migration tools: how each is recognised, and how its rows are read.
// Pure, so safe on any thread.
#pragma once

#include "harness/core/snapshot.h"

#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace gauntlet::observe {

/// A table that a tool records in, told by its name and columns.
struct Tracker {
  std::string_view tool;
  std::string_view table;
  std::vector<std::string_view> columns;  ///< it has these
  bool no_other_columns = false;
  /// Gives version (or the name that begins with it), name or null, and whether it succeeded; `{}`
  /// is the table.
  std::string_view query = {};
  bool only_newest = false;
  std::string_view not_supported = {};  ///< why its rows are no set of numbers
};

/// What a user's query calls its first column where the tool keeps only the newest version.
constexpr std::string_view newest_column = "newest";

/// The one whose table and columns these are; null if there is none.
const Tracker* recognise(std::string_view table, const std::set<std::string>& columns);

/// The digits that `text` begins with; nullopt without any, or for more than 63 bits of them.
std::optional<std::int64_t> version_of(std::string_view text);

/// `add_index` of `0003_add_index.up.sql`: without version and extension.
std::string name_of(std::string_view recorded, std::int64_t version);

}  // namespace gauntlet::observe
