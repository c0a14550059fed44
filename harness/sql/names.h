// Which roles, extensions, collations and languages a statement names or creates. Pure.
#pragma once

#include "harness/sql/migration_facts.h"
#include "harness/sql/tree.h"

namespace gauntlet::sql {

/// Adds the statement's names to `facts`.
void collect_names(const StatementTree& tree, MigrationFacts& facts);

}  // namespace gauntlet::sql
