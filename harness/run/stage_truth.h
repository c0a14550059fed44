// What the files of a program's stages leave by themselves: the judge of what the program left,
// alone or in a race. Its own serial run is no yardstick for what it does wrong every time. A call
// belongs to one thread; opens databases of the arena.
#pragma once

#include "harness/arena/arena.h"
#include "harness/core/history.h"
#include "harness/core/snapshot.h"
#include "harness/run/folder.h"
#include "harness/scenario/scenario.h"
#include "harness/truth/truth.h"

#include <chrono>
#include <cstddef>
#include <optional>
#include <set>
#include <string>
#include <vector>

namespace gauntlet::run {

class StageTruth {
 public:
  /// The arena outlives it. Files that a stage forbids to apply, and what follows on them, are not
  /// judged.
  StageTruth(const scenario::Scenario& scenario, arena::Arena& arena,
             std::chrono::milliseconds patience);

  /// Learns from `history` how one copy sends the files of `stage`. Stages are watched in order.
  void watch(std::size_t stage, const core::History& history);

  /// Was the stage watched, and can what it leaves be known?
  bool can_judge(std::size_t stage) const;

  /// What the program made for itself by then, beside `tracker`: see
  /// oracle::Observation::own_tables.
  std::set<std::string> made_beside(std::size_t stage, const std::string& tracker) const;

  /// Holds what a successful run left to what the files leave. `tracker` is the table in which the
  /// program records; empty if unknown. Never throws an Error: what cannot be applied is unknown.
  truth::Answer judge(std::size_t stage, const core::Snapshot& left, const std::string& tracker);

  /// See truth::calibrated(). Never throws an Error.
  std::optional<core::Snapshot> calibrated(std::size_t stage, const core::Snapshot& left);

 private:
  struct Watched {
    std::vector<truth::File> files;  ///< those that were pending
    truth::Sent sent;
    truth::Known known = {};
  };

  truth::Question question(std::size_t stage, const core::Snapshot& left) const;
  std::vector<truth::File> pending_at(std::size_t stage) const;
  std::unique_ptr<arena::Database> database_before(std::size_t stage) const;
  std::set<std::string> own_tables_before(std::size_t stage) const;

  const std::vector<scenario::Stage> stages_;
  const std::vector<Folder> folders_;
  arena::Arena& arena_;
  const std::chrono::milliseconds patience_;
  std::size_t judged_stages_ = 0;  ///< the first ones
  std::vector<Watched> watched_;
};

}  // namespace gauntlet::run
