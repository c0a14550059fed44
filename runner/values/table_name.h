// What a user may call a table: `table` or `schema.table`, taken literally. Pure.
// Any thread may call.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace gauntlet::runner {

struct TableName {
  std::string schema;  ///< empty: the server resolves it by its search path
  std::string table;

  std::string text() const { return schema.empty() ? table : schema + "." + table; }
};

/// PostgreSQL silently cuts a longer name short (manual, 4.1.1).
constexpr std::size_t identifier_bytes_max = 63;

/// Names are never repaired: what is not `table` or `schema.table` is refused.
/// Throws: Error `bad-table-name`, naming `option`.
TableName parse_table_name(std::string_view text, std::string_view option,
                           std::size_t table_bytes_max = identifier_bytes_max);

}  // namespace gauntlet::runner
