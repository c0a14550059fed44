// A second run changes nothing: catalogue, data (the tracker included) and sequences stay. What the
// runner logs in tables of its own, beside the tracker, may grow.
#include "harness/oracle/judges.h"
#include "harness/oracle/unchanged.h"

#include <utility>

namespace gauntlet::oracle {

core::Judgement idempotent(const Observation& observation) {
  Observation seen{.before = observation.before, .after = observation.after};
  for (auto* snapshot : {&seen.before, &seen.after})
    if (*snapshot && !observation.own_tables.empty())
      *snapshot = without_own_tables(std::move(**snapshot), observation.own_tables);
  return unchanged(seen, {.id = "second-run-changed",
                          .who = "a second run",
                          .fix = "write nothing when nothing is pending, and skip what the tracker "
                                 "holds"});
}

}  // namespace gauntlet::oracle
