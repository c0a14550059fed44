// Durations as every output of the harness prints them: milliseconds with a fraction.
#pragma once

#include <chrono>

namespace gauntlet::core {

inline double milliseconds_of(std::chrono::microseconds time) {
  return static_cast<double>(time.count()) / 1000.0;
}

}  // namespace gauntlet::core
