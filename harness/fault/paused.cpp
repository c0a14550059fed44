#include "harness/fault/harm.h"

namespace gauntlet::fault {

/// A machine that stands still: the client may hold a lease that runs out meanwhile.
Harm paused() {
  return {.id = "paused",
          .words =
              "the client is stopped before it can see the reply, and goes on once a rerun has "
              "ended or waits",
          .when = Harm::When::before,
          .what = Harm::What::pause,
          .is_swept = false};
}

}  // namespace gauntlet::fault
