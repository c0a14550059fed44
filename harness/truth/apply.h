// The files applied to a database by nobody's rules but their own: each statement as it stands, in
// the boundaries that a runner was seen to put around it. Opens sessions of its own; works on the
// caller's thread.
#pragma once

#include "harness/arena/address.h"
#include "harness/truth/framing.h"
#include "runner/values/session.h"

#include <chrono>
#include <cstddef>
#include <optional>
#include <string>
#include <vector>

namespace gauntlet::truth {

struct ApplyOptions {
  std::chrono::milliseconds statement_timeout{300'000};
  /// A session that differs in what no migration should depend on: its time zone and its name, and
  /// the way by which it comes; and each transaction is rolled back once before it is committed, as
  /// where a runner tries again. What comes out differently says nothing about a runner.
  bool calibrates = false;
};

/// What UPDATE, DELETE, MERGE and INSERT of one file did.
struct RowsChanged {
  std::size_t changed = 0;
  bool writes_rows = false;            ///< it has such a statement
  std::optional<std::size_t> of = {};  ///< rows of the first table that it left as it was
};

struct Applied {
  std::vector<RowsChanged> rows = {};  ///< by position in the folder
  /// The file that the server refused, and its words; absent: all were applied.
  std::optional<std::size_t> failed = {};
  runner::ServerMessage said = {};
  std::string why = {};  ///< the same as text
};

/// Transaction ids and OIDs go on, so that values made of them differ from another run's.
/// Throws: SqlError.
void move_counters(runner::Session& session);

/// Values that are coarse times (a second) have moved on after this time.
constexpr std::chrono::milliseconds calibration_distance{1'100};

/// Throws: Error when the database cannot be reached.
Applied apply_plainly(const arena::Address& address, const std::vector<File>& files,
                      const Sent& sent, const ApplyOptions& options);

}  // namespace gauntlet::truth
