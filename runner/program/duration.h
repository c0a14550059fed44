// Times as a person writes them on a command line. Pure; any thread may call.
#pragma once

#include <chrono>
#include <string>
#include <string_view>

namespace gauntlet::runner {

/// `10m`, `30s`, `500ms`, `2h`, `0`. Throws: Error `bad-duration`.
std::chrono::milliseconds parse_duration(std::string_view text);

/// `850 ms`, `1.2 s`, `2 min 5 s`: for progress lines.
std::string to_text(std::chrono::microseconds duration);

}  // namespace gauntlet::runner
