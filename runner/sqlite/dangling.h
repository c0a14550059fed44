// Rows whose foreign key names a row that is not there: what a migration that switched foreign keys
// off can leave on SQLite. Belongs to the session's thread.
#pragma once

#include "runner/values/session.h"

#include <cstdint>
#include <map>
#include <string>

namespace gauntlet::runner {

/// How many such rows there are: by `orders (customer) to customers`, then by the key's value. A
/// rebuilt table may give its rows new row ids; the value stays. Reads every table that has a
/// foreign key. Empty on PostgreSQL, where no migration switches them off like this.
using Dangling = std::map<std::string, std::map<std::string, std::int64_t>>;
Dangling dangling_rows(Session& session);

/// A line for each key with rows that dangle in `after` and did not in `before`; empty if there is
/// none.
std::string dangling_since(const Dangling& before, const Dangling& after);

}  // namespace gauntlet::runner
