// A migration as a tracker records it: a number, a name, or the whole name of a file. Pure.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace gauntlet::core {

/// The digits that `text` begins with; nullopt without any, or for more than 63 bits of them.
std::optional<std::int64_t> version_of(std::string_view text);

/// `add_index` of `0003_add_index.up.sql`: without version and extension.
std::string name_of(std::string_view recorded, std::int64_t version);

/// Does `recorded` stand for the file that is called `on_disk` after its version? A name may itself
/// begin with the number, and end in `.sql`.
bool is_name_of(std::string_view recorded, std::string_view on_disk, std::int64_t version);

}  // namespace gauntlet::core
