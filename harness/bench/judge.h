// Was a measured fleet right? Asked of the same oracles that scenarios are judged by: a wrong one
// must not pass for a fast one.
#pragma once

#include "harness/arena/address.h"
#include "harness/arena/fleet_conditions.h"
#include "harness/bench/storm.h"
#include "harness/bench/work.h"
#include "harness/core/verdict.h"

#include <string>
#include <vector>

namespace gauntlet::bench {

/// What is asked of the database once a fleet has left. Throws: Error where it cannot be reached.
core::Judgement judge_applied(const Work& work, const arena::Address& database,
                              const std::string& tracker);

/// Each copy ended in time and with one of `success_codes`, unless `conditions`, read before the
/// copies started, explain a failure. Passwords are masked in what the finding quotes.
core::Judgement judge_endings(const std::vector<Left>& copies,
                              const std::vector<int>& success_codes, const arena::Address& database,
                              const arena::FleetConditions& conditions);

}  // namespace gauntlet::bench
