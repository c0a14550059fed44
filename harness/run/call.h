// What one replica does, as a scenario says it: one call of the reference runner, or of a mutant.
// A call belongs to its replica's thread.
#pragma once

#include "harness/mutant/mutant.h"
#include "harness/scenario/scenario.h"

namespace gauntlet::run {

/// The files that this call knows of.
runner::Listing known_to(const scenario::Call& call, const runner::Listing& listing);

/// `direct` is for a mutant's own look at the database. Throws what the runner throws, and
/// fleet::ExitWith for a check that ends with another code than 0. `observer` hears what `up`
/// tells.
void act(const scenario::Stage& stage, const scenario::Call& call, const runner::Listing& listing,
         const mutant::Mutant* mutant, runner::SessionSource& sessions,
         runner::SessionSource& direct, runner::RunOptions options,
         const runner::Observer& observer = {});

}  // namespace gauntlet::run
