// Text that is a number as a whole, and nothing else. Pure. Any thread may call.
#pragma once

#include <charconv>
#include <optional>
#include <string_view>
#include <system_error>

namespace gauntlet::runner {

template <typename Number>
std::optional<Number> number_in(std::string_view text) {
  Number number = 0;
  const auto read = std::from_chars(text.data(), text.data() + text.size(), number);
  if (read.ec != std::errc{} || read.ptr != text.data() + text.size()) return std::nullopt;
  return number;
}

}  // namespace gauntlet::runner
