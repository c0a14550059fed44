#include "harness/fault/harm.h"

namespace gauntlet::fault {

Harm cut_before() {
  return {.id = "cut-before",
          .words = "the connection ends before the statement is sent",
          .when = Harm::When::before,
          .what = Harm::What::cut};
}

}  // namespace gauntlet::fault
