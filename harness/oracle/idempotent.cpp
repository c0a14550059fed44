// A second run changes nothing: catalogue, data (the tracker included) and sequences stay.
#include "harness/oracle/judges.h"
#include "harness/oracle/unchanged.h"

namespace gauntlet::oracle {

core::Judgement idempotent(const Observation& observation) {
  return unchanged(observation,
                   {.id = "second-run-changed",
                    .who = "a second run",
                    .fix = "write nothing when nothing is pending, and skip what the tracker "
                           "holds"});
}

}  // namespace gauntlet::oracle
