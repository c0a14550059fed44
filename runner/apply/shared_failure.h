// Whether a failure is told to the other replicas, which would fail at the same bytes in the same
// way. Belongs to the session's thread.
#pragma once

#include "runner/values/session.h"

namespace gauntlet::runner {

/// A deadlock, a lost session or an ended server process is the next waiter's turn; so is a
/// statement that somebody cancelled, unlike one that ran for its statement_timeout. Call without a
/// transaction: for a cancelled statement the server is queried.
bool is_shared(Session& session, const Error& error);

}  // namespace gauntlet::runner
