// Decides from a file's text alone how it reaches the server. Pure; any thread may call.
#pragma once

#include "runner/values/delivery.h"
#include "runner/values/direction.h"
#include "runner/values/migration.h"
#include "runner/values/sql_dialect.h"

#include <string>
#include <vector>

namespace gauntlet::runner {

/// Throws: Error `psql-command`, `contradicting-directives`, `copy-from-stdin`,
/// `transaction-control`, `needs-no-transaction`: with the place; `code-outside-transaction` where
/// a file that runs outside one has code beside it.
Delivery delivery_of(const Migration& migration, NoTransaction mode, Direction direction,
                     const SqlDialect& dialect);

/// Header lines `-- gauntlet: …` that mean nothing on this engine and that no other part of the
/// program uses.
std::vector<std::string> unknown_directives(const Migration& migration, const SqlDialect& dialect);

}  // namespace gauntlet::runner
