#include "harness/sql/control.h"

namespace gauntlet::sql {

std::optional<std::string> control_tag(const Statement& statement) {
  switch (statement.verb) {
    case Statement::Verb::begin:
      return "BEGIN";
    case Statement::Verb::commit:
      return "COMMIT";
    case Statement::Verb::rollback:
      // ROLLBACK TO SAVEPOINT would be one of a transaction that there is not.
      return "ROLLBACK";
    default:
      return std::nullopt;
  }
}

std::optional<std::string> control_tag(std::string_view sql) {
  const auto statements = statements_of(sql);
  return statements.size() == 1 ? control_tag(statements.front()) : std::nullopt;
}

}  // namespace gauntlet::sql
