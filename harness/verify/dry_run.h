// The check `dry-run`: would each pending file apply, in order, without keeping anything of it?
#pragma once

#include "harness/verify/check.h"

#include <string_view>
#include <vector>

namespace gauntlet::verify {

/// In one transaction on the given database if every pending file can share one and nobody else is
/// connected, else rehearsed whole on a throwaway copy; a note says which, and why. Throws: Error,
/// SqlError.
core::Result dry_run(const Context& context);

/// Everything that a dry run can find.
struct DryRunFinding {
  std::string_view id;
  std::string_view sentence;
};
const std::vector<DryRunFinding>& dry_run_findings();

}  // namespace gauntlet::verify
