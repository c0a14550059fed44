// One extended message of a client, read: what it names and what that stands for. Pure.
#pragma once

#include "harness/wire/names.h"
#include "harness/wire/request.h"

#include <string_view>

namespace gauntlet::wire {

/// Is this one of Parse, Bind, Describe, Execute, Close?
bool is_extended(char type) noexcept;

/// Reads the body of an extended message, resolving names by `names` and keeping those it gives.
Message read_extended(char type, std::string_view body, Names& names);

}  // namespace gauntlet::wire
