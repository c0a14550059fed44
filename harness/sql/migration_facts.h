// What a migration's text tells about the world around it: which effects leave its transaction or
// its database, and what it expects to find there. Pure: read from the parse tree, never from a
// server. Safe to use from any thread.
#pragma once

#include "runner/sql/statement.h"
#include "runner/values/migration.h"

#include <cstddef>
#include <set>
#include <string>
#include <vector>

namespace gauntlet::sql {

/// What one statement does or needs. The bodies of DO and of functions are not looked into, but for
/// the extensions that a DO block creates.
struct StatementFacts {
  std::size_t offset = 0;  ///< bytes into the script's sql()
  runner::Place place;     ///< of the statement's first word, in the file
  std::string words;       ///< its beginning on one line, shortened: fit for a message
  runner::StatementNeeds needs;
  /// What acts on every database of the server: `CREATE ROLE`, `ALTER SYSTEM`.
  std::vector<std::string> cluster_wide;
  /// What a rollback does not undo: `nextval()`, `COPY TO PROGRAM`, `pg_advisory_lock()`.
  std::vector<std::string> survives_rollback;
  /// Those of them that a dry run must not have on a given server: programs, files, other sessions.
  std::vector<std::string> irrevocable;
};

/// One migration's facts. Names are as PostgreSQL folds them: lower case unless quoted.
struct MigrationFacts {
  std::vector<StatementFacts> statements;
  runner::SplitBy split_by = runner::SplitBy::parser;
  runner::Directives directives;
  std::vector<runner::Place> psql_commands;  ///< lines that only psql understands

  std::vector<std::string> cluster_wide, survives_rollback, irrevocable;  ///< of all, each once

  std::set<std::string> extensions;            ///< named by CREATE EXTENSION
  std::set<std::string> extensions_in_blocks;  ///< by one in the text of a DO block: perhaps wanted
  std::set<std::string> roles;  ///< named and expected to exist: GRANT … TO x, OWNER TO x, SET ROLE
  std::set<std::string> roles_created;
  std::set<std::string> collations;  ///< named by COLLATE; pg_catalog's own are included
  std::set<std::string> collations_created;
  std::set<std::string> languages;  ///< named by LANGUAGE x; sql, c and internal are left out
  std::set<std::string> languages_created;
};

MigrationFacts facts_of(const runner::Script& script);

}  // namespace gauntlet::sql
