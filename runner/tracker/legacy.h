// The predecessor's tracker, golang-migrate's: one row that says how far it came. Read when the
// applied set is empty, to take over from it. Belongs to the session's thread.
#pragma once

#include "runner/values/migration.h"
#include "runner/values/plan.h"
#include "runner/values/session.h"

#include <optional>
#include <string>
#include <vector>

namespace gauntlet::runner {

struct Legacy {
  enum class State {
    missing,
    empty,    ///< there, and says nothing
    clean,    ///< everything up to `version` is applied
    dirty,    ///< `version` began and did not end
    foreign,  ///< another tool's table of that name: never read
  };

  State state = State::missing;
  std::string table;    ///< `schema.table`; empty while missing
  std::string columns;  ///< of a foreign one
  std::optional<Version> version;

  /// `public.schema_migrations is clean at 7`; empty while missing.
  std::string text() const;
};

/// How the row is read: `shared` waits, within the session's lock_timeout, until no predecessor
/// writes it and keeps it so until the transaction ends.
enum class LegacyLock { none, shared };

/// Looks for `legacy_table` in `tracker_schema`, then in the search path; where it is empty, for
/// schema_migrations in `tracker_schema` alone. "Missing" is decided by the catalogue only.
class LegacySearch {
 public:
  /// The session outlives it. Throws: Error `bad-table-name`.
  LegacySearch(Session& session, const std::string& tracker_schema, std::string legacy_table);

  /// Finds the table; for a message of the caller's.
  std::string statement() const { return statement_; }

  /// Fails with SQLSTATE 22012 (division by zero) if the table is there. PostgreSQL only.
  std::string refusal() const;
  static bool is_refusal(const SqlError& error) { return error.said().sqlstate == "22012"; }

  /// What the table that the statement's `result` names says; a message more if there is one.
  /// Throws: SqlError, also for want of permission; Error `foreign-legacy-table` if the named one
  /// is not golang-migrate's.
  Legacy read(const Result& result, LegacyLock lock) const;

 private:
  Session& session_;
  std::string legacy_table_, statement_;
};

/// Both at once. Throws: as they do.
Legacy read_legacy(Session& session, const std::string& tracker_schema,
                   const std::string& legacy_table, LegacyLock lock);

/// Adds to `applied` what taking over from a predecessor clean at `up_to` would record.
void count_as_applied(const std::vector<Migration>& available, Version up_to, AppliedSet& applied);

/// What to do about a dirty one. Code `legacy-dirty`.
Error dirty_legacy(const Legacy& legacy);

}  // namespace gauntlet::runner
