// Which roles, extensions, collations and languages a statement names or creates. Pure.
#pragma once

#include "harness/verify/migration_facts.h"
#include "harness/verify/statement_tree.h"

namespace gauntlet::verify {

/// Adds the statement's names to `facts`.
void collect_names(const StatementTree& tree, MigrationFacts& facts);

}  // namespace gauntlet::verify
