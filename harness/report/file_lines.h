// The table of a dry run's files: what became of each, and what it locked. Pure.
#pragma once

#include "harness/core/report.h"

#include <string>
#include <vector>

namespace gauntlet::report {

/// No line for no file. Of many files only those that failed or took a blocking lock have lines,
/// unless `all`.
std::vector<std::string> file_lines(const std::vector<core::FileOutcome>& files, std::size_t width,
                                    bool all);

}  // namespace gauntlet::report
