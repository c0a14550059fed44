// A database copied through pg_dump and pg_restore: where the server cannot copy its files for us.
#pragma once

#include "harness/arena/address.h"
#include "harness/arena/given_server.h"

#include <filesystem>
#include <string>
#include <vector>

namespace gauntlet::arena {

enum class DumpPart { everything, schema_and_tracker };

struct DumpJob {
  Address target;                           ///< an empty database on the same server
  std::filesystem::path binaries;           ///< looked into first; may be empty
  std::vector<std::string> tracker_tables;  ///< those that do not exist are passed over
  DumpPart part = DumpPart::everything;
};

/// Throws: Error `cannot-copy` with the reason.
void copy_by_dump(GivenServer& server, const DumpJob& job);

}  // namespace gauntlet::arena
