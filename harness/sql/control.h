// BEGIN, COMMIT and ROLLBACK as statements. Pure.
#pragma once

#include "harness/sql/statement.h"

#include <optional>
#include <string>
#include <string_view>

namespace gauntlet::sql {

/// `BEGIN` of START TRANSACTION, `COMMIT` of END, `ROLLBACK` of ABORT and of ROLLBACK TO: what
/// stands for a statement that begins or ends a transaction. nullopt of any other.
std::optional<std::string> control_tag(const Statement& statement);
/// The same of a text that is one such statement; nullopt of several.
std::optional<std::string> control_tag(std::string_view sql);

}  // namespace gauntlet::sql
