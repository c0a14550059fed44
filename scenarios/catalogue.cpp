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
      long_reader(),
      pinned_session(),
      pooler(),
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
      statement_outlives_client(),
      sweep(),
      tracker_read_error(),
      // order/
      unrecognized_file(),
      binary_swap(),
      direction_whitelist(),
      duplicate_version(),
      edited_after_apply(),
      legacy_clean(),
      legacy_denied(),
      legacy_dirty(),
      legacy_foreign(),
      legacy_live(),
      line_endings(),
      populated_upgrade(),
      renamed_after_apply(),
      skip_hole(),
      unknown_applied(),
      unparseable_name(),
      // transactions/
      atomic_apply(),
      body_commits(),
      deferred_constraint(),
      hook_fails(),
      hook_order(),
      hook_takes_locks(),
      round_trip(),
      session_state(),
      // sqlite/
      baseline_on_existing(),
      deferred_lock(),
      inspect_ahead(),
      inspect_missing_table(),
      inspect_not_a_database(),
      inspect_read_only(),
      sqlite_replicas(),
      rollback_on_body_error(),
  };
  return all;
}

}  // namespace gauntlet::scenarios
