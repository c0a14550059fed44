// The check `dry-run` on SQLite: the pending files are applied, in order, to a copy of the file.
#pragma once

#include "harness/core/report.h"
#include "harness/verify/check.h"

namespace gauntlet::verify {

/// Findings: `migration-fails`; `rows-lost` (a table is dropped or a row replaced, and rows of
/// other tables go with it), `dangling-references`, `broken-schema` (a view or a trigger no longer
/// compiles).
core::Result sqlite_dry_run(const Context& context);

}  // namespace gauntlet::verify
