#include "runner/sqlite/id_marks.h"

#include "runner/values/number.h"

#include <optional>
#include <string>
#include <vector>

#include <fmt/format.h>

namespace gauntlet::runner {

namespace {

std::vector<std::vector<std::optional<std::string>>> rows_of(Session& session,
                                                             const std::string& statement) {
  return session.send(statement).front().rows;
}

}  // namespace

IdMarks id_marks(Session& session) {
  IdMarks marks;
  // SQLite makes the table with the first AUTOINCREMENT.
  if (rows_of(session, "SELECT 1 FROM main.sqlite_master WHERE name = 'sqlite_sequence'").empty()) {
    return marks;
  }
  for (const auto& row : rows_of(session, "SELECT name, seq FROM main.sqlite_sequence")) {
    const auto mark = number_in<std::int64_t>(row[1].value_or(""));
    if (row[0] && mark) marks[*row[0]] = *mark;
  }
  return marks;
}

std::string lowered_since(Session& session, const IdMarks& before) {
  if (before.empty()) return {};
  const IdMarks now = id_marks(session);
  std::string list;
  for (const auto& row : rows_of(session,
                                 "SELECT name FROM main.sqlite_master WHERE type = 'table'"
                                 " AND upper(sql) LIKE '%AUTOINCREMENT%'")) {
    const std::string name = row.front().value_or("");
    const auto was = before.find(name);
    const auto is = now.find(name);
    if (was == before.end() || (is != now.end() && is->second >= was->second)) continue;
    const std::string literal = session.literal(name);
    list += fmt::format(
        "\n         {} had given ids up to {}: DELETE FROM sqlite_sequence WHERE name = {}; INSERT "
        "INTO sqlite_sequence VALUES ({}, {})",
        name, was->second, literal, literal, was->second);
  }
  return list;
}

}  // namespace gauntlet::runner
