// Which table a program keeps its applied set in, by what it sent when it ran alone: a table that
// looks like a tracker may be another tool's. Pure, but for applied_of(). Any thread.
#pragma once

#include "harness/arena/address.h"
#include "harness/core/history.h"
#include "harness/core/snapshot.h"
#include "runner/source/source.h"

#include <functional>
#include <optional>
#include <set>
#include <string>
#include <string_view>

namespace gauntlet::run {

/// The table that a run over these files records in, as its statements tell; empty: none was seen.
using RecogniseTracker =
    std::function<std::string(const core::History& run, const runner::Listing& listing)>;

/// What runs of one program alone have shown of its tracker.
class OwnTracker {
 public:
  /// `recognise`: see Program::recognise_tracker; empty: which table is read stays unknown.
  void learn(const core::History& run, const runner::Listing& listing,
             const RecogniseTracker& recognise);

  /// False if statements were seen and none names the table: then it is no tracker of this program.
  bool may_be(std::string_view table) const;
  /// Drops an applied set of another tool's table, and says so in `missing`.
  void drop_foreign(std::optional<core::Applied>& applied, std::string& missing) const;

  /// The tracker, where a statement reads it that can be told from others; empty: none was seen.
  const std::string& read_table() const { return read_table_; }

 private:
  std::set<std::string> words_ = {};  ///< of all statements, in lower case
  std::string read_table_ = {};
};

/// The applied set as `query` or the columns of a table tell it, if that table is the program's.
std::optional<core::Applied> applied_of(const arena::Address& database, const std::string& query,
                                        const OwnTracker& tracker, std::string& missing);

}  // namespace gauntlet::run
