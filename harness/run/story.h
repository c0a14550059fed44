// What happened in a stage, told so that its reader learns from it: of dozens of replicas the one
// in trouble and the one that it met, of hundreds of steps those that lock, apply or fail. Pure, so
// safe on any thread. `gauntlet show` prints the whole.
#pragma once

#include "harness/core/history.h"
#include "harness/core/report.h"
#include "harness/run/body.h"

#include <string_view>
#include <vector>

namespace gauntlet::run {

/// At most 60 lines or so.
core::Story story_of(const core::History& history, std::string_view stage,
                     const std::vector<Body>& bodies);

}  // namespace gauntlet::run
