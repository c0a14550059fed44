// The check `replicas`: many copies of the runner, released together, leave what a single one
// leaves. Effects are judged on the data, not only on the tracker. Any thread; the copies die with
// it.
#pragma once

#include "harness/core/report.h"
#include "harness/verify/check.h"

#include <chrono>

namespace gauntlet::verify {

/// Two serial runs on fresh databases, then the race on a third; with a given database that has
/// something pending, all of that on copies of it first. The first serial run is held to what the
/// files leave. Its judgement is that of the
/// oracles all-succeed, data-equals-serial, schema-equals-serial, set-equality and no-lock-left;
/// where nothing is violated, but no two sessions were seen at the door together, it is unknown.
core::Result replicas(const Context& context);

/// The bounds of one race.
struct RaceLimits {
  /// After it the copies that still run are killed; a slow set is given ten times its serial time.
  std::chrono::milliseconds patience_min{60'000};
  /// What sessions of ended copies are given to go.
  std::chrono::milliseconds leftovers_patience{2'000};
  std::chrono::milliseconds door_patience{4'000};
};
core::Result replicas_within(const Context& context, const RaceLimits& limits);

}  // namespace gauntlet::verify
