// SQL text that reads a table, so that it finds the table empty; what writes to it stays. Pure.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace gauntlet::sql {

/// Every SELECT and WITH finds no row in `table`, of whatever schema. nullopt where none reads it.
std::optional<std::string> with_table_hidden(std::string_view sql, std::string_view table);

}  // namespace gauntlet::sql
