// A lock that is a committed row, and whose holder is gone: why runners wait or refuse. Pure, so
// safe on any thread.
#pragma once

#include "harness/core/verdict.h"
#include "harness/oracle/oracle.h"

namespace gauntlet::oracle {

/// `public.knex_migrations_lock still holds {"is_locked":1} since …`; empty where no row explains
/// it: what the replicas said speaks of a lock or the table, or they did not end and no statement
/// of theirs is known to be about anything else.
std::string lock_row_cause(const Observation& observation);

/// Adds the cause and its remedy to the findings about replicas that failed or did not end.
void name_lock_rows(core::Judgement& judgement, const Observation& observation);

}  // namespace gauntlet::oracle
