// Two serial runs and the races over one kind of database, each beginning as the others do.
// Any thread; the copies die with it.
#pragma once

#include "harness/core/report.h"
#include "harness/verify/check.h"
#include "harness/verify/replicas.h"
#include "harness/verify/truth_of.h"

#include <string>
#include <vector>

namespace gauntlet::verify {

/// What the replicas race over.
struct RaceGround {
  std::string where;  ///< `on an empty database`
  MakeDatabase make;  ///< each as the one before was before its run
  std::vector<const runner::Migration*> pending;
  truth::Known& known;
  bool is_empty = true;
};

/// Judgement and notes; id and subject are left empty.
core::Result race_over(const Context& context, const RaceLimits& limits, const RaceGround& ground);

}  // namespace gauntlet::verify
