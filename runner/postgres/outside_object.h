// What became of the one object that a statement outside a transaction makes or removes: an index,
// a partition, a database. Belongs to the session's thread.
#pragma once

#include "runner/sql/outside_statement.h"
#include "runner/values/session.h"

#include <string>
#include <vector>

namespace gauntlet::runner {

struct ObjectFound {
  enum class State {
    before,   ///< as if the statement had not run
    half,     ///< an INVALID index, a pending DETACH
    after,    ///< as if the statement had run
    unknown,  ///< the catalogue does not tell
  };
  State state = State::unknown;
  std::string words;                 ///< `index public.i is INVALID`; empty unless half
  std::vector<std::string> repairs;  ///< to be sent before the statement is sent again
  std::string finish;                ///< to be sent in its place
};

/// Looks `statement` up by the session's search path. State unknown on SQLite, and where the
/// statement names no object. Throws: SqlError.
ObjectFound look_up(Session& session, const OutsideStatement& statement);

/// A line for each partition that `sql` names and that is half detached, with the statement that
/// finishes it.
std::string pending_detaches_named(Session& session, std::string_view sql);

}  // namespace gauntlet::runner
