// SQL text as it is compared and as it is shown. Pure.
#pragma once

#include <string>
#include <string_view>

namespace gauntlet::sql {

/// ASCII letters in lower case; other bytes as they are.
std::string lower(std::string_view text);

/// On one line, at most 100 bytes, in backquotes.
std::string one_line(std::string_view sql);

/// Without white space and `;`.
std::string without_blanks(std::string_view sql);

}  // namespace gauntlet::sql
