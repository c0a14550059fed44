#include "harness/fault/harm.h"

namespace gauntlet::fault {

Harm terminated_running() {
  return {.id = "terminated-running",
          .words = "the server ends the session while it runs the statement",
          .when = Harm::When::running,
          .what = Harm::What::terminate,
          .is_swept = false};
}

}  // namespace gauntlet::fault
