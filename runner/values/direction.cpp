#include "runner/values/direction.h"

#include "runner/values/error.h"

#include <fmt/format.h>

namespace gauntlet::runner {

Direction parse_direction(std::string_view word) {
  if (word == "up") return Direction::up;
  if (word == "down") return Direction::down;
  throw Error("bad-direction", fmt::format("\"{}\" is not a direction", word),
              "the direction that was given", "say exactly `up` or `down`");
}

std::string to_string(Direction direction) { return direction == Direction::up ? "up" : "down"; }

}  // namespace gauntlet::runner
