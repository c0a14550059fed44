// The pending files, in order and each as the real runner sends it, on a throwaway copy of the
// database: what each costs the users of the tables it locks. Opens one session of its own and a
// watcher's; works on the caller's thread.
#pragma once

#include "harness/verify/check.h"
#include "harness/verify/trial.h"

#include <string>
#include <vector>

namespace gauntlet::verify {

/// Rehearses the program's runnable files. `tracker_tables` must not be missing from the copy;
/// `because` tells in words why they are not tried in place. Throws: Error, needs-createdb among
/// them.
Trial rehearse(const Context& context, const Program& program,
               const std::vector<std::string>& tracker_tables, const std::string& because);

}  // namespace gauntlet::verify
