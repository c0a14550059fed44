// The oracles' own functions, one file each; oracle.cpp lists them, and nobody else calls them.
// Pure, so safe on any thread.
#pragma once

#include "harness/oracle/oracle.h"

namespace gauntlet::oracle {

core::Judgement all_succeed(const Observation& observation);
core::Judgement applied_once(const Observation& observation);
core::Judgement atomic(const Observation& observation);
core::Judgement clear_error(const Observation& observation);
core::Judgement clear_warning(const Observation& observation);
core::Judgement data_equals_serial(const Observation& observation);
core::Judgement disk_is_recorded(const Observation& observation);
core::Judgement failure_told(const Observation& observation);
core::Judgement idempotent(const Observation& observation);
core::Judgement mutual_exclusion(const Observation& observation);
core::Judgement no_invalid_index(const Observation& observation);
core::Judgement no_lock_left(const Observation& observation);
core::Judgement nobody_passes(const Observation& observation);
core::Judgement not_passed_over(const Observation& observation);
core::Judgement nothing_written(const Observation& observation);
core::Judgement order(const Observation& observation);
core::Judgement pinned(const Observation& observation);
core::Judgement readers_wait(const Observation& observation);
core::Judgement refused(const Observation& observation);
core::Judgement refused_or_applied(const Observation& observation);
core::Judgement schema_equals_serial(const Observation& observation);
core::Judgement set_equality(const Observation& observation);
core::Judgement someone_succeeds(const Observation& observation);
core::Judgement success_means_done(const Observation& observation);
core::Judgement unlock_confirmed(const Observation& observation);

// Asked after every run: see standing_oracles().
core::Judgement error_swallowed(const Observation& observation);
core::Judgement error_masked(const Observation& observation);
core::Judgement committed_once(const Observation& observation);
core::Judgement nothing_left_out(const Observation& observation);
core::Judgement unlocked_before_commit(const Observation& observation);

}  // namespace gauntlet::oracle
