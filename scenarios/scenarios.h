// The scenarios' own functions, one file each; catalogue.cpp lists them, and nobody else calls
// them.
#pragma once

#include "harness/scenario/scenario.h"

namespace gauntlet::scenarios {

// concurrency/
scenario::Scenario already_applied();
scenario::Scenario bootstrap();
scenario::Scenario data_only();
scenario::Scenario failure_is_shared();
scenario::Scenario lock_serializes();
scenario::Scenario mixed_directions();
scenario::Scenario pending();
scenario::Scenario read_before_lock();
scenario::Scenario rolling_deploy();
scenario::Scenario slow_first();
scenario::Scenario small_pool();
scenario::Scenario staggered();
scenario::Scenario two_tenants();

// locks/
scenario::Scenario bounded_wait();
scenario::Scenario concurrent_index();
scenario::Scenario concurrent_index_busy();
scenario::Scenario leak_on_cancel();
scenario::Scenario leak_on_failure();
scenario::Scenario long_reader();
scenario::Scenario pinned_session();
scenario::Scenario pooler();
scenario::Scenario primitive();
scenario::Scenario session_lost();
scenario::Scenario status_does_not_wait();
scenario::Scenario unlock_false();

// crash/
scenario::Scenario holder_dies();
scenario::Scenario invalid_index();
scenario::Scenario lost_commit_reply();
scenario::Scenario no_transaction_partial();
scenario::Scenario paused_holder();
scenario::Scenario statement_outlives_client();
scenario::Scenario sweep();
scenario::Scenario tracker_read_error();

// order/
scenario::Scenario unrecognized_file();
scenario::Scenario binary_swap();
scenario::Scenario direction_whitelist();
scenario::Scenario duplicate_version();
scenario::Scenario edited_after_apply();
scenario::Scenario legacy_clean();
scenario::Scenario legacy_denied();
scenario::Scenario legacy_dirty();
scenario::Scenario legacy_foreign();
scenario::Scenario legacy_live();
scenario::Scenario line_endings();
scenario::Scenario populated_upgrade();
scenario::Scenario renamed_after_apply();
scenario::Scenario skip_hole();
scenario::Scenario unknown_applied();
scenario::Scenario unparseable_name();

// transactions/
scenario::Scenario atomic_apply();
scenario::Scenario body_commits();
scenario::Scenario deferred_constraint();
scenario::Scenario hook_fails();
scenario::Scenario hook_order();
scenario::Scenario hook_takes_locks();
scenario::Scenario round_trip();
scenario::Scenario session_state();

// sqlite/
scenario::Scenario baseline_on_existing();
scenario::Scenario deferred_lock();
scenario::Scenario inspect_ahead();
scenario::Scenario inspect_missing_table();
scenario::Scenario inspect_not_a_database();
scenario::Scenario inspect_read_only();
scenario::Scenario sqlite_replicas();
scenario::Scenario rollback_on_body_error();

}  // namespace gauntlet::scenarios
