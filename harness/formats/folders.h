// Layouts of one folder a step, `20240101_name/up.sql`. Pure.
#pragma once

#include "harness/formats/format.h"

#include <optional>
#include <string>
#include <string_view>

namespace gauntlet::formats {

/// `20240101_name` of `20240101_name/up.sql` and of `2024/20240101_name/up.sql`; nullopt for a file
/// that is not called `file`, or lies in no folder.
std::optional<std::string> folder_of(const File& file, std::string_view name);

}  // namespace gauntlet::formats
