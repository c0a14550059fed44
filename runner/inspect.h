// What a database's applied set says beside a list of migrations, found without touching anything.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "runner/session.h"
#include "runner/source.h"

namespace gauntlet::runner {

/// Where the tracker lives and how strictly it is compared.
struct TrackerOptions {
  std::string table;  ///< `table` or `schema.table`; empty: applied_migrations
  /// The predecessor's table; empty: schema_migrations, if it has exactly golang-migrate's columns.
  std::string legacy_table;
  bool verify_checksums = true;
};

/// One version, on disk or in the database or both.
struct Entry {
  enum class State { applied, pending, unknown, renamed, edited, in_progress };

  Version version;
  std::string name;           ///< on disk; for `unknown` as applied
  std::string recorded_name;  ///< as applied; empty while pending
  State state = State::pending;
  std::string recorded_checksum;  ///< empty where none was recorded
  std::string applied_at;         ///< the server's text; empty while pending
  std::string progress;           ///< `statement 2 of 3` of an in-progress migration
};

struct Inspection {
  enum class State { compatible, migrations_needed, incompatible };

  State state = State::compatible;
  std::vector<Entry> entries;  ///< ascending
  std::optional<Version> known_max;
  bool tracker_exists = false;
  /// How the predecessor's tracker was read: `clean at 7` …; empty if there was none to read.
  std::string legacy;
  bool legacy_dirty = false;
  std::optional<Version> legacy_version;

  /// `migrations needed: pending [3]`: what `gauntlet-migrate check` prints.
  std::string line() const;
};

/// Read-only, one statement where the tracker exists; never blocks behind a running migration.
/// Throws: SqlError, Error (a fault is an error, never a state).
Inspection inspect(Session& session, const Listing& listing, const TrackerOptions& options);

std::string to_string(Entry::State state);
std::string to_string(Inspection::State state);

}  // namespace gauntlet::runner
