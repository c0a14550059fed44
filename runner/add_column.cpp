#include "runner/add_column.h"

#include "runner/values/table_name.h"

#include <fmt/format.h>

namespace gauntlet::runner {

void add_column_if_missing(Session& session, const std::string& table, const std::string& column,
                           const std::string& type) {
  const TableName name = parse_table_name(table, "add_column_if_missing");
  const bool sqlite = session.engine() == Engine::sqlite;
  if (sqlite) {
    const std::string schema = name.schema.empty() ? "NULL" : session.literal(name.schema);
    const Result found =
        session
            .send(fmt::format(
                "SELECT 1 FROM pragma_table_xinfo({}, {}) WHERE name = {} COLLATE NOCASE",
                session.literal(name.table), schema, session.literal(column)))
            .front();
    if (!found.rows.empty()) return;
  }
  const std::string qualified = name.schema.empty() ? "" : session.identifier(name.schema) + ".";
  session.send(fmt::format("ALTER TABLE {}{} ADD COLUMN {}{} {}", qualified,
                           session.identifier(name.table), sqlite ? "" : "IF NOT EXISTS ",
                           session.identifier(column), type));
}

}  // namespace gauntlet::runner
