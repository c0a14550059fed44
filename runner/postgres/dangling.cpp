#include "runner/postgres/dangling.h"

#include <fmt/format.h>

namespace gauntlet::runner {

Dangling dangling_rows(Session& session) {
  if (session.engine() != Engine::sqlite) return {};
  Dangling found;
  try {
    const Result result = session
                              .send(
                                  "SELECT 'from ' || \"table\" || ' to ' || parent, count(*)"
                                  " FROM pragma_foreign_key_check GROUP BY 1")
                              .front();
    for (const auto& row : result.rows) found[row[0].value_or("")] = std::stoll(*row[1]);
  } catch (const SqlError& error) {
    // A key that names no key of the other table cannot be checked at all.
    found["that cannot be checked: " + error.said().message] = 1;
  }
  return found;
}

std::string dangling_since(const Dangling& before, const Dangling& after) {
  std::string text;
  for (const auto& [between, count] : after) {
    const auto known = before.find(between);
    if (known != before.end() && known->second >= count) continue;
    text += fmt::format("\n         {} references {}", count, between);
  }
  return text;
}

}  // namespace gauntlet::runner
