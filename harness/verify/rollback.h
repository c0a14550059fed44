// Every down file, tried on an empty database while its migration is the newest: it must run, and
// its up file must run again after it.
#pragma once

#include "harness/verify/check.h"

namespace gauntlet::verify {

/// Not applicable if the folder has no down file. A failing down file is a violation if `rollback`
/// is among --checks, and a warning without: most projects never go down. On the caller's thread.
core::Result rollback(const Context& context);

}  // namespace gauntlet::verify
