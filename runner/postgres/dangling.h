// Rows whose foreign key names a row that is not there: what a migration that switched foreign keys
// off can leave on SQLite. Belongs to the session's thread.
#pragma once

#include "runner/values/session.h"

#include <cstdint>
#include <map>
#include <string>

namespace gauntlet::runner {

/// How many such rows there are, by `from orders to customers`; reads every table that has a
/// foreign key. Nothing on PostgreSQL, where a migration does not switch them off so.
using Dangling = std::map<std::string, std::int64_t>;
Dangling dangling_rows(Session& session);

/// A line for each kind of which `after` has more than `before`; empty if there is none.
std::string dangling_since(const Dangling& before, const Dangling& after);

}  // namespace gauntlet::runner
