#include "harness/fault/harm.h"

#include <csignal>

namespace gauntlet::fault {

/// `pg_ctl stop -m immediate`: nothing is written, and the next start recovers from the log.
Harm server_immediate() {
  return {
      .id = "server-immediate",
      .words = "the server is stopped (immediate) before it sees the statement, and started again",
      .when = Harm::When::before,
      .what = Harm::What::stop_server,
      .signal = SIGQUIT,
      .is_swept = false};
}

}  // namespace gauntlet::fault
