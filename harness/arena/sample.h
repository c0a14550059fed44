// Some rows of every table, closed under foreign keys: a database that is too large to be copied
// whole, made small. On the caller's connections and thread.
#pragma once

#include "harness/arena/connection.h"
#include "harness/arena/copy_link.h"

#include <cstddef>
#include <string>
#include <vector>

namespace gauntlet::arena {

struct Sample {
  std::size_t rows_max = 10'000;  ///< of one table; more where other rows refer to them
  std::vector<std::string> whole_tables =
      {};  ///< copied whole; those that do not exist are passed over
};

/// One database: a session for queries, and one for COPY.
struct Ends {
  Connection& session;
  CopyLink& copies;
};

/// Both sessions of `source` must be in transactions with one snapshot; `target` has the same
/// tables, empty, and neither keys nor triggers yet. Sequences are set as they stand in `source`.
/// Throws: StatementError.
void sample_rows(const Ends& source, const Ends& target, const Sample& sample);

}  // namespace gauntlet::arena
