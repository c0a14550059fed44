#include "harness/oracle/unrecorded.h"

#include <algorithm>

namespace gauntlet::oracle {

std::vector<core::AppliedRow> unrecorded(const Observation& observation) {
  const core::Applied& applied = observation.applied.value();
  std::vector<core::AppliedRow> rows;
  for (const core::AppliedRow& row : observation.on_disk) {
    const auto covers = [&](const core::AppliedRow& each) {
      return each.version == row.version || (applied.only_newest && each.version > row.version);
    };
    if (std::ranges::none_of(applied.rows, covers)) rows.push_back(row);
  }
  return rows;
}

}  // namespace gauntlet::oracle
