#include "harness/fault/harm.h"

namespace gauntlet::fault {

/// The server runs the statement on: it does not notice that nobody waits for the reply.
Harm killed() {
  return {.id = "killed",
          .words = "the client is killed while the server runs the statement",
          .when = Harm::When::running,
          .what = Harm::What::kill};
}

}  // namespace gauntlet::fault
