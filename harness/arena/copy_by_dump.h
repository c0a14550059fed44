// A database copied through pg_dump and pg_restore: where the server cannot copy its files for us.
#pragma once

#include "harness/arena/address.h"
#include "harness/arena/given_server.h"

#include <cstddef>
#include <filesystem>
#include <string>
#include <vector>

namespace gauntlet::arena {

struct DumpJob {
  Address target;                           ///< an empty database on the same server
  std::filesystem::path binaries;           ///< looked into first; may be empty
  std::vector<std::string> tracker_tables;  ///< those that do not exist are passed over
  std::size_t sample_rows_max = 10'000;     ///< of one table, in a sample
};

/// Schema and data of one moment. Throws: Error `cannot-copy` with the reason.
void copy_by_dump(GivenServer& server, const DumpJob& job);

/// The schema, the tracker, and of every other table at most `sample_rows_max` rows and those that
/// they refer to, all of one moment. Throws: Error `cannot-copy` with the reason.
void copy_sample(GivenServer& server, const DumpJob& job);

}  // namespace gauntlet::arena
