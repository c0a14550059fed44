// For migrations written as code, which may find a part of their work done: on SQLite a column can
// not be added "if not exists".
#pragma once

#include "runner/values/session.h"

#include <string>

namespace gauntlet::runner {

/// Adds the column where `table` (or `schema.table`) has none of that name; `type` is what follows
/// the name in SQL (`text NOT NULL DEFAULT ''`). Names compare as the engine compares them.
/// Throws: SqlError, also if there is no such table; Error `bad-table-name`.
void add_column_if_missing(Session& session, const std::string& table, const std::string& column,
                           const std::string& type);

}  // namespace gauntlet::runner
