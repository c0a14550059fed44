#include "harness/fault/harm.h"

namespace gauntlet::fault {

Harm delayed() {
  return {.id = "delayed",
          .words = "the statement is sent 300 ms later",
          .when = Harm::When::before,
          .what = Harm::What::delay,
          .time = std::chrono::milliseconds(300),
          .is_swept = false};
}

}  // namespace gauntlet::fault
