// The rules of lint by SQLite's grammar. A throwaway file is where statements are compiled.
#pragma once

#include "harness/core/verdict.h"
#include "harness/verify/check.h"
#include "harness/verify/lint.h"

#include <vector>

namespace gauntlet::verify {

/// The findings of all files, by version and line. Throws: Error where no throwaway file can be
/// made.
std::vector<core::Finding> lint_for_sqlite(const Context& context);

/// Ids of the findings of lint that SQLite's rules make, and what each means.
const std::vector<LintFinding>& sqlite_lint_finding_ids();

}  // namespace gauntlet::verify
