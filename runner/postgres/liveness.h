// Whether the server process behind a silent connection still works. Belongs to the session's
// thread.
#pragma once

#include <chrono>

struct pg_conn;  // libpq's PGconn

namespace gauntlet::runner {

enum class Liveness {
  working,      ///< the server answers, and nothing says that our process there has stopped
  failed,       ///< no answer, or our server process is gone or idle: it will send no reply
  interrupted,  ///< `interrupt_fd` became readable meanwhile
};

/// Asks on a second connection to the same server, within `patience`. A server that refuses the
/// second connection in its own words (too many connections) answers, and so works.
Liveness check_liveness(pg_conn* silent, std::chrono::milliseconds patience, int interrupt_fd);

}  // namespace gauntlet::runner
