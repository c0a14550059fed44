#include "harness/fault/harm.h"

namespace gauntlet::fault {

/// What an orchestrator does to a replica that it no longer wants. Kubernetes waits 30 s; the
/// statement does not go on before the client has ended, so less shows the same.
Harm stopped_gracefully() {
  return {
      .id = "stopped-gracefully",
      .words =
          "the client is sent SIGTERM while the server runs the statement, and SIGKILL 3 s later",
      .when = Harm::When::running,
      .what = Harm::What::ask_to_end,
      .time = std::chrono::seconds(3),
      .is_swept = false};
}

}  // namespace gauntlet::fault
