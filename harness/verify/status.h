// The check `status`: does the given database's applied set fit the folder?
#pragma once

#include "harness/verify/check.h"

namespace gauntlet::verify {

/// Findings: applied-unknown, renamed-after-apply, edited-after-apply, legacy-dirty, in-progress.
/// What is pending is listed in a note; it is no violation. Throws: Error, SqlError.
core::Result status(const Context& context);

}  // namespace gauntlet::verify
