// What a database's applied set says beside a list of migrations, found without touching anything.
#pragma once

#include "runner/plan.h"
#include "runner/session.h"
#include "runner/source.h"

#include <optional>
#include <string>
#include <vector>

namespace gauntlet::runner {

/// Where the tracker lives and how strictly it is compared.
struct TrackerOptions {
  std::string table = {};  ///< `table` or `schema.table`; empty: applied_migrations
  /// The predecessor's table; empty: schema_migrations, if it has exactly golang-migrate's columns.
  std::string legacy_table = {};
  bool verify_checksums = true;
};

struct Inspection {
  enum class State { compatible, migrations_needed, incompatible };

  State state = State::compatible;
  std::vector<Entry> entries;  ///< ascending
  std::optional<Version> known_max;
  bool tracker_exists = false;
  /// How the predecessor's tracker was read: `clean at 7` …; empty if there was none to read.
  std::string legacy;
  std::string tracker;  ///< `schema.table`, as the server resolved it
  bool legacy_dirty = false;
  std::optional<Version> legacy_version;

  /// `migrations needed: pending [3]`: what `gauntlet-migrate check` prints.
  std::string line() const;
};

/// Read-only, one statement where the tracker exists; never blocks behind a running migration.
/// Throws: SqlError, Error (a fault is an error, never a state).
Inspection inspect(Session& session, const Listing& listing, const TrackerOptions& options);

/// What an application offers as its own `--check-migrations`.
struct Check {
  Inspection::State state;
  std::string line;
  int exit_code;  ///< 0 compatible, 1 migrations needed, 2 incompatible, 3 while one is in progress
};
Check check(const Inspection& inspection);

std::string to_string(Inspection::State state);

}  // namespace gauntlet::runner
