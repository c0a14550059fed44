// Processes released together, and the moment at which each of them has left. Belongs to one
// thread, which outlives the processes it starts.
#pragma once

#include "harness/process/process.h"

#include <chrono>
#include <optional>
#include <string>
#include <vector>

namespace gauntlet::bench {

struct Left {
  std::optional<double> after_ms = {};  ///< since the release; absent for who was killed
  std::optional<process::Exit> exit = {};
  std::string out = {}, err = {};
};

struct StormSeen {
  double makespan_ms = 0;
  double cpu_ms = 0;              ///< of the processes and those of theirs that they waited for
  std::vector<Left> copies = {};  ///< in the order of the commands
};

/// Starts them held, releases them, and waits until all have ended or `patience` is over, when the
/// rest is killed. No other child of this process may end meanwhile.
/// Throws: Error `cannot-start`.
StormSeen storm(const std::vector<process::Command>& commands, std::chrono::milliseconds patience);

}  // namespace gauntlet::bench
