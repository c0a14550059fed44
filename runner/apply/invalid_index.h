// Indexes that a CREATE INDEX CONCURRENTLY left unfinished: none may stand where a migration is
// recorded. Pure. Any thread may call.
#pragma once

#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace gauntlet::runner {

struct InvalidIndex {
  std::string name, quoted;  ///< bare; qualified and quoted for SQL

  friend bool operator==(const InvalidIndex&, const InvalidIndex&) = default;
  friend bool operator<(const InvalidIndex& left, const InvalidIndex& right) {
    return left.quoted < right.quoted;
  }
};

/// Those that `sql` names: CREATE INDEX CONCURRENTLY IF NOT EXISTS is content with what an earlier
/// attempt left behind.
std::vector<InvalidIndex> invalid_and_named(const std::set<InvalidIndex>& invalid,
                                            std::string_view sql);

/// A line each, with the statement that drops it.
std::string list_of(const std::vector<InvalidIndex>& indexes);

}  // namespace gauntlet::runner
