#include "scenarios/catalogue.h"

#include "scenarios/scenarios.h"

namespace gauntlet::scenarios {

const std::vector<scenario::Scenario>& catalogue() {
  static const std::vector<scenario::Scenario> all = {
      already_applied(), bootstrap(),        data_only(),  lock_serializes(),
      pending(),         read_before_lock(), slow_first(), small_pool(),
      staggered(),       concurrent_index(), skip_hole(),  session_state(),
  };
  return all;
}

}  // namespace gauntlet::scenarios
