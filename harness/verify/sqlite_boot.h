// The check `boot` on SQLite: the runner's real apply path on an empty file and on a copy of the
// given one, held to what the files leave; with --service, the user's service. Any thread.
#pragma once

#include "harness/core/report.h"
#include "harness/verify/check.h"

namespace gauntlet::verify {

/// Findings: `apply-failed`, `second-run-failed`, those of the oracles set-equality and idempotent,
/// `schema-differs-from-files`, `data-differs-from-files`, `rows-lost`, `dangling-references`, and
/// those of the service as boot() has them.
core::Result sqlite_boot(const Context& context);

}  // namespace gauntlet::verify
