// Which oracles a kill matrix could do without: dropping one of them alone changes no verdict.
// Pure.
#pragma once

#include "harness/core/verdict.h"
#include "harness/mutant/mutant.h"

#include <set>
#include <string>
#include <vector>

namespace gauntlet::run {

/// The oracles whose findings kill the mutant for a reason that it declares.
std::set<std::string> killers_of(const mutant::Mutant& mutant, const core::Judgement& judgement);

/// Of all oracles, those that are in no kill the only killer. `kills` has the killers of each.
std::vector<std::string> redundant_oracles(const std::vector<std::set<std::string>>& kills);

}  // namespace gauntlet::run
