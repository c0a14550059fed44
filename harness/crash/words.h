// What a program that stopped said: does it tell its user what to do? Pure.
#pragma once

#include <string>
#include <string_view>

namespace gauntlet::crash {

/// True if `output` has a remedy in words: an instruction, a command to run, what to remove. The
/// server's own words, quoted SQL and the lines of a stack trace do not count.
bool says_what_to_do(std::string_view output);

/// The last line that is worth showing, shortened; empty if there is none.
std::string last_words(std::string_view output);

}  // namespace gauntlet::crash
