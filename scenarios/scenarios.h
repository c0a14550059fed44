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
scenario::Scenario pinned_session();
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
scenario::Scenario sweep();
scenario::Scenario tracker_read_error();

// order/
scenario::Scenario skip_hole();

// transactions/
scenario::Scenario session_state();

}  // namespace gauntlet::scenarios
