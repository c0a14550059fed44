// Copies of a program that come one after another, as a rolling deploy starts them. Each call uses
// processes of its own; the copies die with the calling thread.
#pragma once

#include "harness/fleet/fleet.h"

#include <chrono>
#include <cstdint>
#include <functional>
#include <utility>
#include <vector>

namespace gauntlet::fleet {

struct StaggerOptions {
  std::size_t replicas = 16;
  std::chrono::milliseconds patience{60'000};  ///< from the first release; then the rest is killed
  std::chrono::milliseconds stagger_max{500};
  std::uint64_t seed = 0;
  /// Called when all have ended, before whatever they left running in the background is killed.
  std::function<void()> when_ended = {};
};

/// Who comes when after the first moment, in the order in which they come.
std::vector<std::pair<std::chrono::milliseconds, std::size_t>> arrivals(
    std::size_t replicas, std::chrono::milliseconds stagger_max, std::uint64_t seed);

/// Each copy is released at a moment drawn from the seed within `stagger_max`. The history notes
/// how many ran at one time, at most.
/// Throws: Error `cannot-start`.
core::History staggered(const Subject& subject, const arena::Database& database,
                        const std::filesystem::path& migrations, const StaggerOptions& options);

}  // namespace gauntlet::fleet
