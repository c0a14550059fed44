// Views, triggers and foreign keys that name something that is not there. SQLite lets a migration
// leave them behind in silence: the application fails later, at its first use of them. Belongs to
// the session's thread.
#pragma once

#include "runner/values/session.h"

#include <map>
#include <set>
#include <string>

namespace gauntlet::runner {

/// What SQLite cannot compile, and why, by `view v` or `trigger t`; and what it could.
struct Compiled {
  std::map<std::string, std::string> broken;
  std::set<std::string> compiled;
  /// By `foreign key of orders (customer)`: the table that it names, and those that are missing.
  std::map<std::string, std::string> parents;
  std::set<std::string> missing_parents;
};

/// Compiles every view by EXPLAIN of a SELECT and every trigger by EXPLAIN of its event, and looks
/// up the table of every foreign key. Runs none of it. Empty on PostgreSQL, which refuses the
/// change that would break them.
Compiled compile_schema(Session& session);

/// A line for each view and trigger that compiled in `before` and does not in `after`, and for each
/// foreign key that a RENAME moved to a table that is gone; empty if there is none.
std::string broken_since(const Compiled& before, const Compiled& after);

}  // namespace gauntlet::runner
