#include "harness/fault/harm.h"

namespace gauntlet::fault {

/// What a client that waits for its reply in vain comes to: its orchestrator kills it.
Harm lost_reply() {
  return {.id = "lost-reply",
          .words = "the statement is executed, its reply is lost, and the client is killed",
          .when = Harm::When::executed,
          .what = Harm::What::kill};
}

}  // namespace gauntlet::fault
