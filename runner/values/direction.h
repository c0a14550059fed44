// Up or down, and nothing else. Pure. Any thread may call.
#pragma once

#include <string>
#include <string_view>

namespace gauntlet::runner {

enum class Direction { up, down };

/// Throws: Error `bad-direction` for anything but exactly `up` and `down`.
Direction parse_direction(std::string_view word);

std::string to_string(Direction direction);

}  // namespace gauntlet::runner
