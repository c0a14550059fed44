// Some rows of every table, closed under foreign keys: a database that is too large to be copied
// whole, made small. On the caller's connections and thread.
#pragma once

#include "harness/arena/connection.h"

#include <cstddef>
#include <string>
#include <vector>

namespace gauntlet::arena {

struct Sample {
  std::size_t rows_max = 10'000;  ///< of one table; more where other rows refer to them
  std::vector<std::string> whole_tables =
      {};  ///< copied whole; those that do not exist are passed over
};

/// `source` must be in a transaction with one snapshot; `target` has the same tables, empty, and
/// neither keys nor triggers yet. Sequences are set as they stand in `source`.
/// Throws: StatementError.
void sample_rows(Connection& source, Connection& target, const Sample& sample);

}  // namespace gauntlet::arena
