// The verdict on a program that ended well alone and applied nothing. Pure, so safe on any thread.
#pragma once

#include "harness/core/report.h"
#include "harness/run/program.h"
#include "harness/scenario/scenario.h"

#include <string>

namespace gauntlet::run {

/// A user's files are what the program is there to apply: violated. Files that Gauntlet made it can
/// only read if they are in its layout, which nobody named, or by the general word `plain`:
/// unknown. `what` says what it did.
core::Judgement nothing_applied(const scenario::Scenario& scenario, const Program& program,
                                const std::string& what);

}  // namespace gauntlet::run
