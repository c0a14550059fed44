// How the scenarios' word for a direction is read: a runner that takes any other word for one is a
// known flaw. Pure. Any thread may call.
#pragma once

#include "runner/values/direction.h"

#include <string_view>

namespace gauntlet::mutant {

/// Throws: runner::Error `bad-direction` for anything but exactly `up` and `down`.
runner::Direction parse_direction(std::string_view word);

}  // namespace gauntlet::mutant
