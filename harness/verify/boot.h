// The check `boot`: the real apply path leaves exactly the set on disk, on an empty database and on
// a copy of the given one, and a second run changes nothing; with --service, the user's service
// does so before it says that it is ready. Any thread; the programs die with it.
#pragma once

#include "harness/core/report.h"
#include "harness/verify/check.h"

#include <chrono>

namespace gauntlet::verify {

/// Findings: `never-exits`, `apply-failed`, `second-run-failed`, those of the oracles set-equality
/// and idempotent, those of the room truth, `upgrade-differs-from-fresh`, and those of the service:
/// `never-ready`, `exited-before-ready`, `ready-before-migrated`, `ignores-sigterm`.
core::Result boot(const Context& context);

/// The bounds that are not options.
struct BootLimits {
  std::chrono::milliseconds run_patience{0};  ///< of one run; 0: from the statement timeout
  std::chrono::milliseconds sigterm_patience{10'000};
  std::chrono::milliseconds idle{15'000};  ///< a run without progress for so long stands still
};
core::Result boot_within(const Context& context, const BootLimits& limits);

}  // namespace gauntlet::verify
