// A run of the runner that never ends: how it is found out long before its patience is over, and
// what is said of it. Any thread.
#pragma once

#include "harness/core/history.h"
#include "harness/core/verdict.h"
#include "harness/fleet/standstill.h"
#include "harness/verify/check.h"

#include <chrono>
#include <string>

namespace gauntlet::verify {

/// A runner alone on `database`, which outlives the run. `made_in` is how long the machine took to
/// make that database: on a slow machine a standstill must last longer. What is done is told by the
/// tracker.
fleet::StandstillOptions standstill_options(const Context& context, const arena::Database& database,
                                            std::chrono::milliseconds idle,
                                            std::chrono::milliseconds made_in);

/// Of a run that was ended because it stood still; `which` is it in words: `the first run on an
/// empty database`. Violated (`never-exits`) where nothing but the runner kept it from going on or
/// ending; unknown where it may have waited for something outside, or where it asked again and
/// again.
/// `lock_row`: the row of a dead holder that it waits for, if it is known; then it is violated,
/// too.
core::Judgement judge_standstill(const core::History& history, const std::string& which,
                                 const std::string& lock_row = {});

}  // namespace gauntlet::verify
