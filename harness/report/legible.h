// Any bytes become text that a terminal and an XML reader take: messages hold what programs
// printed. Pure, so safe on any thread.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace gauntlet::report {

/// Valid UTF-8 without control characters other than a newline. What is invalid becomes U+FFFD;
/// carriage returns, tabs and a terminal's colour sequences become line ends, blanks and nothing.
std::string legible(std::string_view bytes);

/// How many characters legible text has: what a terminal needs columns for, wide ones aside.
std::size_t columns_of(std::string_view text);

/// `text` cut to `columns`, the last of them `…`.
std::string cut(std::string_view text, std::size_t columns);

/// The lines of `text`, each broken at blanks to fit `columns`, and inside a word that is longer.
std::vector<std::string> wrapped(std::string_view text, std::size_t columns);

}  // namespace gauntlet::report
