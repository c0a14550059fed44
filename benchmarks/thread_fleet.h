// Threads that are let go together, each with sessions of its own: what the runner's library costs
// without the start of a program. Belongs to one thread, which waits for them.
#pragma once

#include "runner/values/session.h"

#include <cstddef>
#include <functional>
#include <string>
#include <vector>

namespace gauntlet::benchmarks {

/// What one replica does with sessions from there; throws what failed.
using Act = std::function<void(std::size_t replica, runner::SessionSource& sessions)>;

struct Outcome {
  double wait_ms = 0;  ///< from the release until it was done
  std::string failure = {};
};

struct ThreadStorm {
  std::vector<Outcome> outcomes;  ///< by replica
  double makespan_ms = 0;         ///< until the last one was done
};

ThreadStorm let_go(std::size_t replicas, const std::string& conninfo, const Act& act);

}  // namespace gauntlet::benchmarks
