#include "harness/fault/harm.h"

namespace gauntlet::fault {

Harm refused() {
  return {.id = "refused",
          .words = "the client is told that the statement was cancelled",
          .when = Harm::When::before,
          .what = Harm::What::refuse,
          .sqlstate = "57014",
          .is_swept = false};
}

}  // namespace gauntlet::fault
