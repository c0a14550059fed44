// Steps that are code are in no file: what fails for want of them says nothing against the files.
// Pure.
#pragma once

#include "harness/core/report.h"
#include "harness/verify/check.h"

namespace gauntlet::verify {

/// Turns failures of `result` that name a missing or an existing object, and follow a skipped step,
/// into unknown. With --runner nothing is skipped, and nothing changes.
void excuse_skipped_steps(const Context& context, core::Result& result);

}  // namespace gauntlet::verify
