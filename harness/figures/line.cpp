#include "harness/figures/line.h"

#include <array>
#include <cmath>

namespace gauntlet::figures {

namespace {

// Of 1 to 30 degrees of freedom.
constexpr std::array<double, 30> t_table = {12.706, 4.303, 3.182, 2.776, 2.571, 2.447, 2.365, 2.306,
                                            2.262,  2.228, 2.201, 2.179, 2.160, 2.145, 2.131, 2.120,
                                            2.110,  2.101, 2.093, 2.086, 2.080, 2.074, 2.069, 2.064,
                                            2.060,  2.056, 2.052, 2.048, 2.045, 2.042};

struct Sums {
  double xx = 0, xy = 0;  ///< about the means
};

}  // namespace

double t_of_95_percent(std::size_t degrees_of_freedom) {
  if (degrees_of_freedom <= t_table.size()) return t_table.at(degrees_of_freedom - 1);
  // Cornish and Fisher's expansion about the normal distribution, which is close enough from here.
  constexpr double z = 1.959964;
  constexpr double first = (z * z * z + z) / 4;
  constexpr double second = (5 * z * z * z * z * z + 16 * z * z * z + 3 * z) / 96;
  const auto many = static_cast<double>(degrees_of_freedom);
  return z + first / many + second / (many * many);
}

std::optional<Line> line_through(const std::vector<Point>& points) {
  const auto count = static_cast<double>(points.size());
  Point mean;
  for (const Point& point : points) {
    mean.x += point.x / count;
    mean.y += point.y / count;
  }
  Sums sums;
  bool apart = false;
  for (const Point& point : points) {
    apart = apart || point.x != points.front().x;
    sums.xx += (point.x - mean.x) * (point.x - mean.x);
    sums.xy += (point.x - mean.x) * (point.y - mean.y);
  }
  if (!apart) return std::nullopt;
  Line line{.slope = sums.xy / sums.xx, .intercept = mean.y - sums.xy / sums.xx * mean.x};
  if (points.size() < 3) return line;
  double residues = 0;
  for (const Point& point : points) {
    const double residue = point.y - line.intercept - line.slope * point.x;
    residues += residue * residue;
  }
  const std::size_t freedom = points.size() - 2;
  const double error = std::sqrt(residues / static_cast<double>(freedom) / sums.xx);
  const double reach = t_of_95_percent(freedom) * error;
  line.slope_interval = {.low = line.slope - reach, .high = line.slope + reach};
  return line;
}

}  // namespace gauntlet::figures
