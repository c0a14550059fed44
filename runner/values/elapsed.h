// Time since a moment of the monotonic clock.
#pragma once

#include <chrono>

namespace gauntlet::runner {

inline std::chrono::microseconds elapsed_since(std::chrono::steady_clock::time_point start) {
  return std::chrono::duration_cast<std::chrono::microseconds>(std::chrono::steady_clock::now() -
                                                               start);
}

}  // namespace gauntlet::runner
