#include "runner/sqlite/dangling.h"

#include <algorithm>

#include <fmt/format.h>

namespace gauntlet::runner {

namespace {

// What the keys are of which rows dangle: table, number of the key, table that it refers to,
// columns (for a message) and an expression for their values.
constexpr const char* keys_statement =
    "SELECT c.\"table\", c.fkid, c.parent,"
    " (SELECT group_concat(k.\"from\", ', ') FROM pragma_foreign_key_list(c.\"table\") AS k"
    "  WHERE k.id = c.fkid),"
    " (SELECT group_concat('quote(t.\"' || replace(k.\"from\", '\"', '\"\"') || '\")',"
    "  ' || '','' || ') FROM pragma_foreign_key_list(c.\"table\") AS k WHERE k.id = c.fkid),"
    " count(*), count(c.rowid)"
    " FROM pragma_foreign_key_check AS c GROUP BY 1, 2, 3";

std::map<std::string, std::int64_t> values_of(Session& session, const std::string& table,
                                              const std::string& key, const std::string& values) {
  std::map<std::string, std::int64_t> found;
  const Result result =
      session
          .send(fmt::format("SELECT {}, count(*) FROM pragma_foreign_key_check({}) AS c JOIN {} AS"
                            " t ON t.rowid = c.rowid WHERE c.fkid = {} GROUP BY 1",
                            values, session.literal(table), session.identifier(table), key))
          .front();
  for (const auto& row : result.rows) found[row[0].value_or("")] = std::stoll(*row[1]);
  return found;
}

}  // namespace

Dangling dangling_rows(Session& session) {
  Dangling found;
  try {
    const Result keys = session.send(keys_statement).front();
    for (const auto& row : keys.rows) {
      const std::string key =
          fmt::format("{} ({}) to {}", row[0].value_or(""), row[3].value_or(""), *row[2]);
      // A table without row ids has nothing to find its rows by: they are only counted.
      found[key] = row[5] == row[6]
                       ? values_of(session, row[0].value_or(""), *row[1], row[4].value_or("NULL"))
                       : std::map<std::string, std::int64_t>{{"", std::stoll(*row[5])}};
    }
  } catch (const SqlError& error) {
    // A key that names no unique columns of the other table cannot be checked at all.
    found["that cannot be checked: " + error.said().message] = {{"", 1}};
  }
  return found;
}

std::string dangling_since(const Dangling& before, const Dangling& after) {
  std::string text;
  for (const auto& [key, values] : after) {
    const auto known = before.find(key);
    std::int64_t rows = 0;
    for (const auto& [value, count] : values) {
      std::int64_t already = 0;
      if (known != before.end() && known->second.contains(value)) already = known->second.at(value);
      rows += std::max<std::int64_t>(0, count - already);
    }
    if (rows > 0) text += fmt::format("\n         {} references from {}", rows, key);
  }
  return text;
}

}  // namespace gauntlet::runner
