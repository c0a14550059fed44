// What a database's applied set says beside a list of migrations, found without touching anything.
#pragma once

#include "runner/source/source.h"
#include "runner/values/plan.h"
#include "runner/values/run.h"
#include "runner/values/session.h"

#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace gauntlet::runner {

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

/// An answer to "does this database fit these migrations?".
struct Check {
  enum class State { compatible, migrations_needed, incompatible, could_not_tell };

  State state;
  std::string line;  ///< one line for a person
  /// What a process that was asked ends with: 0, 1, 2, 3 as the states stand above; 3 also while a
  /// migration is in progress, unless something makes the two incompatible.
  int exit_code;
  std::string error = {};  ///< of could_not_tell: all that is known of the reason
};

/// Looks and judges: what an application offers as its own `--check-migrations`, so that a staged
/// binary can be asked before it takes over. As inspect(): one statement, nothing is written,
/// nobody is waited for; a role that may read the tracker is enough.
/// Whatever hinders it (no server, no permission, files that are no migrations) is an answer, not
/// an exception.
Check check(SessionSource& sessions, const Listing& listing, const TrackerOptions& options = {});

/// The same through a session that `with_session` opens and hands to its argument.
using WithSession = std::function<void(const std::function<void(Session&)>&)>;
Check check(const WithSession& with_session, const Listing& listing,
            const TrackerOptions& options = {});

/// The same of what was inspected already.
Check check(const Inspection& inspection);

std::string to_string(Inspection::State state);

}  // namespace gauntlet::runner
