#include "harness/run/asked.h"

#include "harness/oracle/advisory_locks.h"

#include <algorithm>

namespace gauntlet::run {

using scenario::Stage;

bool asks_any(const Stage& stage, std::initializer_list<std::string_view> oracles) {
  return std::ranges::find_first_of(stage.oracles, oracles) != stage.oracles.end();
}

observe::Wanted wanted_before(const Stage& stage) {
  const bool compares = asks_any(stage, {"idempotent", "nothing-written"});
  return {.catalogue = compares || asks_any(stage, {"no-invalid-index"}),
          .data = compares,
          .sequences = compares,
          .journal = asks_any(stage, {"applied-once", "atomic", "order"})};
}

observe::Wanted wanted_after(const Stage& stage) {
  observe::Wanted wanted = wanted_before(stage);
  wanted.catalogue = wanted.catalogue || asks_any(stage, {"schema-equals-serial"});
  wanted.data = wanted.data || asks_any(stage, {"data-equals-serial"});
  return wanted;
}

UnseenLocks::UnseenLocks(const core::History& history) {
  for (const oracle::Holding& holding : oracle::lock_story(history).holdings) {
    any_ = true;
    lasting_ = lasting_ || !holding.is_momentary();
  }
}

bool UnseenLocks::leave_nothing_to(std::string_view oracle) const {
  if (oracle == "mutual-exclusion") return !lasting_;
  return !any_ && (oracle == "pinned" || oracle == "unlock-confirmed");
}

}  // namespace gauntlet::run
