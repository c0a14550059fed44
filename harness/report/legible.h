// Any bytes become text that a terminal and an XML reader take: messages hold what programs
// printed. Pure, so safe on any thread.
#pragma once

#include <chrono>
#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace gauntlet::report {

/// Valid UTF-8 without control characters other than a newline. What is invalid becomes U+FFFD;
/// carriage returns, tabs and a terminal's colour sequences become line ends, blanks and nothing.
std::string legible(std::string_view bytes);

/// The same on one line.
std::string one_line(std::string_view bytes);

/// How many characters legible text has: what a terminal needs columns for, wide ones aside.
std::size_t columns_of(std::string_view text);

/// `text` cut to `columns`, the last of them `…`.
std::string cut(std::string_view text, std::size_t columns);

/// The lines of `text`, each broken at blanks to fit `columns`, and inside a word that is longer.
std::vector<std::string> wrapped(std::string_view text, std::size_t columns);

/// `first` before the first line of `text` and as many blanks before the others, within `columns`.
std::vector<std::string> indented(const std::string& first, std::string_view text,
                                  std::size_t columns);

/// `text` and blanks up to `columns`.
std::string padded(const std::string& text, std::size_t columns);

/// `12 ms`, `3.46 s`.
std::string time_of(std::chrono::duration<double> time);

}  // namespace gauntlet::report
