// A word as it is written in a command line: what a replay line is made of. Pure.
#pragma once

#include <string>
#include <string_view>

namespace gauntlet::process {

/// In quotes where it needs them; split_command() gives it back as it was.
std::string quoted_word(std::string_view word);

}  // namespace gauntlet::process
