// Which roles, extensions, collations and languages a statement names or creates. Pure.
#pragma once

#include "harness/check/migration_facts.h"
#include "harness/check/statement_tree.h"

namespace gauntlet::check {

/// Adds the statement's names to `facts`.
void collect_names(const StatementTree& tree, MigrationFacts& facts);

}  // namespace gauntlet::check
