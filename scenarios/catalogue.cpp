#include "scenarios/catalogue.h"

#include "scenarios/scenarios.h"

namespace gauntlet::scenarios {

const std::vector<scenario::Scenario>& catalogue() {
  static const std::vector<scenario::Scenario> all = {
      // concurrency/
      already_applied(),
      bootstrap(),
      data_only(),
      failure_is_shared(),
      lock_serializes(),
      mixed_directions(),
      pending(),
      read_before_lock(),
      rolling_deploy(),
      slow_first(),
      small_pool(),
      staggered(),
      two_tenants(),
      // locks/
      bounded_wait(),
      concurrent_index(),
      concurrent_index_busy(),
      leak_on_cancel(),
      leak_on_failure(),
      pinned_session(),
      primitive(),
      session_lost(),
      status_does_not_wait(),
      unlock_false(),
      // crash/
      holder_dies(),
      invalid_index(),
      lost_commit_reply(),
      no_transaction_partial(),
      paused_holder(),
      sweep(),
      tracker_read_error(),
      // order/
      skip_hole(),
      // transactions/
      session_state(),
  };
  return all;
}

}  // namespace gauntlet::scenarios
