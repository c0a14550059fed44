// How much of a report its text prints, so that many findings stay legible. Pure.
#pragma once

#include "harness/report/groups.h"

#include <array>
#include <cstddef>
#include <limits>
#include <span>
#include <string>
#include <string_view>

namespace gauntlet::report {

/// How much of a result is printed; what is more is counted.
struct Detail {
  std::size_t notes, groups, group_lines, quoted_lines, files;
  bool quiet_results;  ///< also those that have no finding
};
constexpr std::size_t no_limit = std::numeric_limits<std::size_t>::max();
constexpr Detail everything{no_limit, no_limit, no_limit, no_limit, no_limit, true};
constexpr Detail usual{12, 6, 12, 16, 24, true};
/// One after the other, until 200 findings are under 60 lines.
constexpr std::array<Detail, 3> brief = {
    {{2, 3, 4, 6, 6, true}, {1, 2, 2, 4, 3, false}, {0, 1, 0, 1, 1, false}}};
constexpr std::size_t many_findings = 50, lines_max = 59;

/// Of a text of more than `quoted_lines` lines the first and the last ones: what a program said
/// last tells most.
std::string shortened(std::string_view text, std::size_t quoted_lines);

/// `41 of down-does-not-restore, 3 of down-fails`.
std::string counts_by_id(std::span<const Group> groups);

}  // namespace gauntlet::report
