// The check that needs no server: what the files alone show to be wrong, by the rules of the
// source, of SQL and of the tool's conventions.
#pragma once

#include "harness/verify/check.h"

#include <string_view>
#include <vector>

namespace gauntlet::verify {

/// Judges every up and down file of the listing. Unknown where the folder holds no migration.
core::Result lint(const Context& context);

struct LintFinding {
  std::string_view id;
  std::string_view sentence;  ///< what it says about a file
};

/// Every finding that lint can make of gauntlet's own layout, the source's problems included; other
/// layouts add those of harness/formats.
const std::vector<LintFinding>& lint_finding_ids();

}  // namespace gauntlet::verify
