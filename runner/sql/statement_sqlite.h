// SQL text as SQLite reads it: where its statements end and what they need. SQLite has no parser to
// ask without a database, so its lexical rules are followed here. Pure; any thread may call.
#pragma once

#include "runner/sql/statement.h"

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace gauntlet::runner {

/// As sqlite3_complete() and the tail of sqlite3_prepare() have it: the semicolons of a trigger's
/// body end no statement. Never throws for any text.
Split split_sqlite(std::string_view sql);

/// Where the first statement of `sql` starts, after white space, comments and lone semicolons; the
/// end if there is none.
std::size_t start_of_statement_sqlite(std::string_view sql);

/// What SQLite refuses inside a transaction, or passes over in silence: VACUUM, and PRAGMAs such as
/// `foreign_keys = …`. Never throws for any text.
StatementNeeds needs_of_sqlite(std::string_view statement);

/// A table as a statement names it; `schema` is empty where it names none.
struct TableInStatement {
  std::string schema, name;
};

/// The table of a DROP TABLE; nullopt for any other statement.
std::optional<TableInStatement> dropped_table(std::string_view statement);

struct WrittenTable {
  TableInStatement table;
  bool is_update = false;
  bool says_replace = false;  ///< OR REPLACE, or the statement is a REPLACE
};

/// What an INSERT, a REPLACE or an UPDATE writes to, also behind a WITH; nullopt for any other
/// statement.
std::optional<WrittenTable> written_table(std::string_view statement);

/// `INSERT`, `UPDATE` or `DELETE`: what fires the trigger that a CREATE TRIGGER makes; else empty.
std::string trigger_event(std::string_view create_trigger);

/// A PRAGMA, an ATTACH or a DETACH: it changes the connection.
bool sets_connection(std::string_view statement);

/// CREATE TEMP …: it ends with its connection.
bool makes_temporary(std::string_view statement);

/// A PRAGMA: it changes the connection, or what may be set again, never rows.
bool is_pragma(std::string_view statement);

}  // namespace gauntlet::runner
