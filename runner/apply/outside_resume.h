// Whether and where a migration that stopped outside a transaction can go on.
// Part of apply; belongs to the session's thread.
#pragma once

#include "runner/apply/outside_run.h"

#include <cstddef>
#include <optional>

namespace gauntlet::runner {

/// The index of the statement to go on with: `from` (counted from 1), or the mark's. Throws: Error,
/// as resume_outside().
std::size_t first_to_resume(const OutsideRun& stopped, std::optional<int> from);

}  // namespace gauntlet::runner
