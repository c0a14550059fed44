// Any text as a part of a page. Pure.
#pragma once

#include <string>
#include <string_view>

namespace gauntlet::report {

/// Fit for an element's content and for an attribute in quotes. A C0 control character becomes a
/// space, any other character that is not visible U+FFFD.
std::string html_text(std::string_view text);

}  // namespace gauntlet::report
