// What became of the one object that a statement outside a transaction makes or removes: an index,
// a partition, a database. Belongs to the session's thread.
#pragma once

#include "runner/apply/outside_rules.h"
#include "runner/sql/outside_statement.h"
#include "runner/values/session.h"

#include <string>
#include <string_view>

namespace gauntlet::runner {

/// Looks `statement` up by the session's search path. State unknown where the statement
/// names no object. Throws: SqlError.
ObjectFound look_up(Session& session, const OutsideStatement& statement);

/// A line for each partition that `sql` names and that is half detached, with the statement that
/// finishes it.
std::string pending_detaches_named(Session& session, std::string_view sql);

}  // namespace gauntlet::runner
