// `1 session`, `2 sessions`: how the three ways of telling a trace count.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include <fmt/format.h>

namespace gauntlet::trace {

inline std::string plural(std::size_t count, std::string_view one, std::string_view many) {
  return fmt::format("{} {}", count, count == 1 ? one : many);
}

}  // namespace gauntlet::trace
