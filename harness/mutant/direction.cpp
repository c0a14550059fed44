#include "harness/mutant/direction.h"

#include "runner/values/error.h"

#include <fmt/format.h>

namespace gauntlet::mutant {

runner::Direction parse_direction(std::string_view word) {
  if (word == "up") return runner::Direction::up;
  if (word == "down") return runner::Direction::down;
  throw runner::Error("bad-direction", fmt::format("\"{}\" is not a direction", word),
                      "the direction that was given", "say exactly `up` or `down`");
}

}  // namespace gauntlet::mutant
