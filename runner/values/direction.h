// Up or down, and nothing else. Pure. Any thread may call.
#pragma once

#include <string>

namespace gauntlet::runner {

enum class Direction { up, down };

inline std::string to_string(Direction direction) {
  return direction == Direction::up ? "up" : "down";
}

}  // namespace gauntlet::runner
