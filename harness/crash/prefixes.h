// What the files leave, after none of them, after the first, and so on: every state that a database
// may rightly be in between two migrations. Any thread may ask; the databases are asked in turn.
#pragma once

#include "harness/arena/arena.h"
#include "harness/core/snapshot.h"
#include "harness/core/verdict.h"
#include "harness/truth/apply.h"
#include "harness/truth/framing.h"

#include <chrono>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <vector>

namespace gauntlet::crash {

/// Where a database stands.
struct Place {
  /// So many of the files have had their effects, each exactly once; absent: no such number fits.
  std::optional<std::size_t> files = {};
  /// What differs from what all files leave; empty if all have had their effects.
  std::vector<core::Finding> differs = {};

  bool is_complete(std::size_t all) const { return files == all; }
};

class Prefixes {
 public:
  struct Asked {
    const std::vector<truth::File>& files;
    truth::Sent sent = {};                  ///< how the clean run sent them
    std::set<std::string> own_tables = {};  ///< the runner's
    std::chrono::milliseconds statement_timeout{60'000};
  };

  /// Applies the files plainly, one after the other. The arena outlives it.
  /// Throws: Error `files-refused` if the server refuses one, Error of the arena.
  Prefixes(arena::Arena& arena, Asked asked);

  Place place(const arena::Address& database);

 private:
  std::vector<core::Snapshot> apply(bool calibrates);
  truth::Sent sent_of(std::size_t file) const;
  std::vector<core::Finding> differences(const core::Snapshot& now, std::size_t files) const;
  std::optional<std::size_t> fitting(const core::Snapshot& now) const;
  void calibrate();

  arena::Arena& arena_;
  const Asked asked_;
  const std::string texts_;
  const std::chrono::steady_clock::time_point began_ = std::chrono::steady_clock::now();
  std::mutex mutex_;
  std::vector<core::Snapshot> states_;       ///< after 0, 1, … files
  std::vector<core::Snapshot> calibration_;  ///< the same, applied under other conditions
};

}  // namespace gauntlet::crash
