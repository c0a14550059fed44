#include "runner/program/duration.h"

#include "runner/values/error.h"

#include <array>
#include <charconv>
#include <limits>
#include <utility>

#include <fmt/format.h>

namespace gauntlet::runner {

std::chrono::milliseconds parse_duration(std::string_view text) {
  constexpr std::array<std::pair<std::string_view, std::int64_t>, 4> units{
      {{"ms", 1}, {"s", 1000}, {"m", 60'000}, {"h", 3'600'000}}};
  std::int64_t number = -1;
  const auto read = std::from_chars(text.data(), text.data() + text.size(), number);
  const std::string_view unit = text.substr(static_cast<std::size_t>(read.ptr - text.data()));
  // The server keeps its timeouts in 32 bits of milliseconds.
  constexpr std::int64_t longest = std::numeric_limits<std::int32_t>::max();
  if (read.ec == std::errc{} && number == 0 && unit.empty()) return std::chrono::milliseconds(0);
  for (const auto& [name, factor] : units) {
    if (read.ec == std::errc{} && unit == name && number >= 0 && number <= longest / factor) {
      return std::chrono::milliseconds(number * factor);
    }
  }
  throw Error("bad-duration", fmt::format("\"{}\" is not a time of at most 24 days", text), {},
              "write a whole number and its unit: 500ms, 30s, 10m, 2h; or 0");
}

std::string to_text(std::chrono::microseconds duration) {
  const auto count = duration.count();
  if (count < 1'000'000) return fmt::format("{} ms", count / 1000);
  if (count < 60'000'000) return fmt::format("{:.1f} s", static_cast<double>(count) / 1e6);
  return fmt::format("{} min {} s", count / 60'000'000, count / 1'000'000 % 60);
}

}  // namespace gauntlet::runner
