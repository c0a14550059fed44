#include "harness/fault/harm.h"

namespace gauntlet::fault {

Harm terminated() {
  return {.id = "terminated",
          .words = "the server ends the session before it runs the statement",
          .when = Harm::When::before,
          .what = Harm::What::terminate};
}

}  // namespace gauntlet::fault
