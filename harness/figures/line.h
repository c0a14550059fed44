// How something grows: the straight line through points, and how sure its slope is. Pure, so safe
// on any thread.
#pragma once

#include "harness/figures/interval.h"

#include <cstddef>
#include <optional>
#include <vector>

namespace gauntlet::figures {

struct Point {
  double x = 0, y = 0;
};

/// y = intercept + slope * x, by least squares.
struct Line {
  double slope = 0, intercept = 0;
  /// 95 %, where y scatters alike around the line everywhere; absent for fewer than three points.
  std::optional<Interval> slope_interval = {};
};

/// nullopt where the points do not lie at two places of x at least.
std::optional<Line> line_through(const std::vector<Point>& points);

/// What Student's t with so many degrees of freedom (at least 1) exceeds in 2.5 % of all cases.
double t_of_95_percent(std::size_t degrees_of_freedom);

}  // namespace gauntlet::figures
