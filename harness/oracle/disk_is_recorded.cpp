// All that is on disk is recorded. More may be: an older release runs on a newer schema.
#include "harness/oracle/judges.h"
#include "harness/oracle/nothing_applied.h"
#include "harness/oracle/unrecorded.h"

#include <fmt/format.h>

namespace gauntlet::oracle {

core::Judgement disk_is_recorded(const Observation& observation) {
  if (!observation.applied && observation.tracker_is_absent) {
    if (auto nothing = nothing_applied(observation, "a tracker"))
      return core::judged({*std::move(nothing)});
  }
  if (!observation.applied) {
    return core::unknown(observation.applied_missing.empty() ? "the applied set was not read"
                                                             : observation.applied_missing);
  }
  std::vector<core::Finding> findings;
  for (const core::AppliedRow& row : unrecorded(observation)) {
    findings.push_back(
        {.id = "not-recorded",
         .message = fmt::format("migration {} ({}) is on disk but not in {}", row.version,
                                row.name.value_or(""), observation.applied->tracker),
         .where = {.version = row.version},
         .fix = "apply every file that is on disk and not recorded, also beside "
                "recorded versions that are not on disk"});
  }
  return core::judged(std::move(findings));
}

}  // namespace gauntlet::oracle
