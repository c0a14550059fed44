// Text that a tool fills in before it sends a file: `{{ … }}`, `${name}` and `:NAME` outside of
// quotes and comments, where none of them is SQL. Pure.
#pragma once

#include <string>
#include <string_view>

namespace gauntlet::formats {

/// The first such text of `sql`, on one line and shortened; empty if there is none.
std::string template_in(std::string_view sql);

}  // namespace gauntlet::formats
