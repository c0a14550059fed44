// Which effects of a statement reach past its transaction or its database. Pure.
#pragma once

#include "harness/sql/tree.h"

#include <string>
#include <string_view>
#include <vector>

namespace gauntlet::sql {

/// Each in the words of a message: `CREATE ROLE`, `nextval()`.
struct Effects {
  std::vector<std::string> cluster_wide, survives_rollback, irrevocable;
};

/// What the statement does when it runs; a call in a default, a view or a function's body is not
/// run.
Effects effects_of(const StatementTree& tree);

/// The same told from the words outside quotes, for a statement without a tree.
Effects guessed_effects(std::string_view statement);

/// May the statement have an effect or a name that matters? Spares the trees of plain rows.
bool speaks_of_the_world(std::string_view statement);

}  // namespace gauntlet::sql
