#include "harness/fault/harm.h"

#include <csignal>

namespace gauntlet::fault {

/// `pg_ctl stop -m fast`: sessions are told, what is open is rolled back, and all is written.
Harm server_fast() {
  return {.id = "server-fast",
          .words = "the server is stopped (fast) before it sees the statement, and started again",
          .when = Harm::When::before,
          .what = Harm::What::stop_server,
          .signal = SIGINT,
          .is_swept = false};
}

}  // namespace gauntlet::fault
