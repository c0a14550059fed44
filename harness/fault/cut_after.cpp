#include "harness/fault/harm.h"

namespace gauntlet::fault {

Harm cut_after() {
  return {.id = "cut-after",
          .words = "the statement is executed, and the connection ends before its reply",
          .when = Harm::When::executed,
          .what = Harm::What::cut};
}

}  // namespace gauntlet::fault
