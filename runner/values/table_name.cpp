#include "runner/values/table_name.h"

#include "runner/values/error.h"

#include <algorithm>

#include <fmt/format.h>

namespace gauntlet::runner {

TableName parse_table_name(std::string_view text, std::string_view option,
                           std::size_t table_bytes_max) {
  const auto refuse = [&](std::string_view why) -> Error {
    return {"bad-table-name", fmt::format("\"{}\" is not the name of a table: {}", text, why),
            std::string(option), "write `table` or `schema.table`, without quotes"};
  };
  if (std::ranges::count(text, '.') > 1) throw refuse("it has more than one dot");
  if (text.find('\0') != std::string_view::npos) throw refuse("it holds a NUL byte");
  const std::size_t dot = text.find('.');
  TableName name;
  if (dot != std::string_view::npos) name.schema = text.substr(0, dot);
  name.table = dot == std::string_view::npos ? text : text.substr(dot + 1);
  if (name.table.empty() || dot == 0) throw refuse("a part of it is empty");
  if (name.table.size() > table_bytes_max || name.schema.size() > identifier_bytes_max) {
    throw refuse(fmt::format("a table's name has at most {} bytes here, a schema's {}",
                             table_bytes_max, identifier_bytes_max));
  }
  return name;
}

}  // namespace gauntlet::runner
