// Several runs at once, in threads of this process: for the tests of this room.
#pragma once

#include "runner/apply.h"

#include <algorithm>
#include <barrier>
#include <functional>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

namespace gauntlet::runner {

/// What all runs of a race applied, ascending, and how those ended that failed.
struct Raced {
  std::vector<Version> applied;
  std::vector<std::string> errors;
};

/// Calls `run` with 0 to `replicas`-1, each on a thread of its own, all released together.
inline Raced race(int replicas, const std::function<std::vector<Version>(int)>& run) {
  Raced raced;
  std::mutex mutex;
  std::barrier together(replicas);
  std::vector<std::thread> threads;
  threads.reserve(static_cast<std::size_t>(replicas));
  for (int replica = 0; replica < replicas; ++replica) {
    threads.emplace_back([&, replica] {
      together.arrive_and_wait();
      std::vector<Version> applied;
      std::string error;
      try {
        applied = run(replica);
      } catch (const std::exception& failure) {
        error = failure.what();
      }
      const std::lock_guard held(mutex);
      raced.applied.insert(raced.applied.end(), applied.begin(), applied.end());
      if (!error.empty()) raced.errors.push_back(error);
    });
  }
  for (std::thread& thread : threads) thread.join();
  std::ranges::sort(raced.applied);
  return raced;
}

}  // namespace gauntlet::runner
