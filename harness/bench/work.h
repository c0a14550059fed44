// What there is to migrate in a measurement: a folder of migrations, and what is true once they are
// applied.
#pragma once

#include "harness/core/snapshot.h"
#include "harness/fleet/fleet.h"

#include <chrono>
#include <filesystem>
#include <string>
#include <vector>

namespace gauntlet::bench {

/// A load by its name, and the neutral migrations (NNN_name.up.sql) that it consists of.
struct Work {
  std::string load = {};
  bool is_done_before = false;  ///< nothing is pending: they are applied before the release
  std::filesystem::path migrations = {};
  std::vector<core::AppliedRow> on_disk = {};
  bool is_journalled = false;  ///< each body writes its version into the journal
};

/// `count` migrations of our own, each a table and its row in the journal; the first takes `hold`.
/// Written into the empty folder `folder`.
Work journalled_work(const std::string& load, const std::filesystem::path& folder,
                     std::size_t count, std::chrono::milliseconds hold);
/// A user's. Throws: Error of read_folder and refuse_problems.
Work given_work(const std::string& load, const std::filesystem::path& migrations);

}  // namespace gauntlet::bench
