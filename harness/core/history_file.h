// A History as text: saved as JSON and read back whole, or printed for a person to follow.
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

/// A line an event, in order, with the time since the first and a step's SQL on one line:
/// `  12.3 ms  replica 3  asks   BEGIN; CREATE TABLE …`.
std::string printed(const History& history);

}  // namespace gauntlet::core
