#include "runner/sql/outside_statement.h"
#include "runner/sql/statement_sqlite.h"

namespace gauntlet::runner {

OutsideStatement outside_statement_sqlite(std::string_view sql) {
  using Kind = OutsideStatement::Kind;
  const StatementNeeds needs = needs_of_sqlite(sql);
  if (needs.transaction_control)
    return {.kind = Kind::control, .words = *needs.transaction_control};
  if (sets_connection(sql)) return {.kind = Kind::setting, .words = "PRAGMA"};
  if (needs.no_transaction) return {.kind = Kind::repeatable, .words = *needs.no_transaction};
  return {.words = "", .makes_temporary = makes_temporary(sql)};
}

}  // namespace gauntlet::runner
