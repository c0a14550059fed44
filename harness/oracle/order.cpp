// The bodies of this run took effect in ascending order of version, as they journalled it.
#include "harness/oracle/judges.h"

#include <map>
#include <utility>

#include <fmt/format.h>

namespace gauntlet::oracle {

core::Judgement order(const Observation& observation) {
  if (!observation.journal) return core::unknown("the journal of the bodies was not read");
  const std::vector<std::int64_t>& journal = *observation.journal;
  if (journal.size() < observation.journal_before) {
    return core::unknown("the journal is shorter after the run than before it");
  }
  if (journal.size() == observation.journal_before) {
    return core::unknown("no body ran, so that there is no order to judge");
  }
  // Who applies all of them again and again does so in the same wrong order each time.
  std::map<std::pair<std::int64_t, std::int64_t>, std::size_t> times;
  for (std::size_t row = observation.journal_before + 1; row < journal.size(); ++row)
    if (journal[row] < journal[row - 1]) ++times[{journal[row], journal[row - 1]}];
  std::vector<core::Finding> findings;
  for (const auto& [pair, count] : times) {
    const auto& [version, after] = pair;
    findings.push_back(
        {.id = "out-of-order",
         .message = fmt::format("migration {} took effect after migration {}{}; a body that builds "
                                "upon an earlier one fails, or works on what is not there yet",
                                version, after, count > 1 ? fmt::format(", {} times", count) : ""),
         .where = {.version = version},
         .fix = "sort by the number, not by the text of the name, and let one replica at a time "
                "apply"});
  }
  return core::judged(std::move(findings));
}

}  // namespace gauntlet::oracle
