// What a connection pooler between us and the server does with the server's sessions. Belongs to
// the session's thread.
#pragma once

#include "runner/values/session.h"

namespace gauntlet::runner {

enum class Pooling {
  by_session,      ///< one server session is ours until we leave: session locks hold
  by_transaction,  ///< between two transactions of ours it is another client's
  not_known,
};

/// Asks with a second session of `sessions`, once, in a second or two. `answered` is the server
/// process that answered `session`, which is idle.
Pooling pooling_of(Session& session, int answered, SessionSource& sessions);

/// Why session locks are refused, and what to do. Code `pooler`.
Error pooler_error(Pooling pooling, int given_pid, int answered_pid);

}  // namespace gauntlet::runner
