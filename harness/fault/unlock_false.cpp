#include "harness/fault/harm.h"

namespace gauntlet::fault {

Harm unlock_false() {
  return {.id = "unlock-false",
          .words = "the server answers the release of an advisory lock with false",
          .when = Harm::When::before,
          .what = Harm::What::deny_unlock,
          .is_swept = false};
}

}  // namespace gauntlet::fault
