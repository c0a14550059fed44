// A migration that fails leaves nothing of its body. Bodies journal themselves with their first
// statement, so that half of one is seen whatever its program records.
#include "harness/oracle/judges.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

namespace gauntlet::oracle {

core::Judgement atomic(const Observation& observation) {
  if (!observation.expected_error) return core::unknown("no failure was expected of this run");
  if (!observation.journal) return core::unknown("the journal of the bodies was not read");
  const std::vector<std::int64_t>& journal = *observation.journal;
  if (journal.size() <= observation.journal_before) return core::judged({});
  const std::vector<std::int64_t> stayed(
      journal.begin() + static_cast<std::ptrdiff_t>(observation.journal_before), journal.end());
  return core::judged(
      {{.id = "half-applied",
        .message = fmt::format("migration {} failed, and what it had done until then stayed; its "
                               "next attempt starts from a state that no file describes",
                               fmt::join(stayed, ", ")),
        .where = {.version = stayed.front()},
        .fix = "run a body and its record in one transaction, and roll it back when it fails"}});
}

}  // namespace gauntlet::oracle
