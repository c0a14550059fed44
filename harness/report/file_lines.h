// The table of a dry run's files: what became of each, and what it locked. Pure.
#pragma once

#include "harness/core/report.h"

#include <cstddef>
#include <string>
#include <vector>

namespace gauntlet::report {

/// No line for no file. Of more than `files_max` files only those that failed have lines, and the
/// first of those that took a blocking lock; the others are counted.
std::vector<std::string> file_lines(const std::vector<core::FileOutcome>& files, std::size_t width,
                                    std::size_t files_max);

}  // namespace gauntlet::report
