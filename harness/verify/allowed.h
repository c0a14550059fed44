// `-- gauntlet: allow ID: reason [until YYYY-MM-DD]` in a migration's file: a finding of that id in
// that file was looked at and is accepted. Pure.
#pragma once

#include "harness/core/report.h"
#include "runner/source/source.h"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace gauntlet::verify {

struct Allowance {
  std::string file;  ///< bare name
  std::string id;    ///< of the findings
  std::string reason;
  std::string until = {};  ///< `2027-01-31`, the last day on which it counts; empty: for ever
};

/// What a directive says after `-- gauntlet: `; nullopt if it is no allowance, or gives no reason.
std::optional<Allowance> allowance_in(std::string_view directive);

/// Those of all files, up and down.
std::vector<Allowance> allowances_of(const runner::Listing& listing);

/// Takes the allowed findings out of the results, tells each in a note, and settles the verdicts
/// anew. `today` is `YYYY-MM-DD`. With `is_whole` an allowance that met no finding is a warning.
void apply_allowances(core::Report& report, const std::vector<Allowance>& allowances,
                      const std::string& today, bool is_whole);

}  // namespace gauntlet::verify
