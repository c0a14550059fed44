// A History as JSON: saved, and read back whole.
// Pure, so safe on any thread.
#pragma once

#include "harness/core/history.h"

#include <string>
#include <string_view>

namespace gauntlet::core {

/// One JSON object, `{"schema":1, …}`; bytes that are not UTF-8 are replaced.
std::string saved(const History& history);

/// Throws: runner::Error `bad-history` that says what is wrong with the text.
History read_history(std::string_view text);

}  // namespace gauntlet::core
