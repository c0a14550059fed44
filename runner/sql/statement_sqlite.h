// SQL text as SQLite reads it: where its statements end and what they need. SQLite has no parser to
// ask without a database, so its lexical rules are followed here. Pure; any thread may call.
#pragma once

#include "runner/sql/statement.h"

#include <string_view>

namespace gauntlet::runner {

/// As sqlite3_complete() and the tail of sqlite3_prepare() have it: the semicolons of a trigger's
/// body end no statement. Never throws for any text.
Split split_sqlite(std::string_view sql);

/// What SQLite refuses inside a transaction, or passes over in silence: VACUUM, and PRAGMAs such as
/// `foreign_keys = …`. Never throws for any text.
StatementNeeds needs_of_sqlite(std::string_view statement);

/// A PRAGMA: it changes the connection, or what may be set again, never rows.
bool is_pragma(std::string_view statement);

}  // namespace gauntlet::runner
