// What a program that stopped said: does it tell its user what to do? Pure.
#pragma once

#include "harness/truth/framing.h"

#include <string>
#include <string_view>
#include <vector>

namespace gauntlet::crash {

/// True if `output` names a file or a version of `files` and, in that line or one of the next
/// three, says in what state it stands (dirty, interrupted) or gives a command or an instruction;
/// or if it names a lock that stands and how it is released. The server's own words, quoted SQL,
/// the lines of a stack trace and what a package manager says do not count.
bool says_what_to_do(std::string_view output, const std::vector<truth::File>& files);

/// The last line that tells an error, or else the last one that is worth showing; shortened; empty
/// if there is none.
std::string last_words(std::string_view output);

}  // namespace gauntlet::crash
