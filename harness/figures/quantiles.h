// The middle, the tail and the fairness of some figures. Pure, so safe on any thread.
#pragma once

#include <cstddef>
#include <vector>

namespace gauntlet::figures {

/// What `part` (0 to 1) of the figures do not exceed, on the line between the two figures around
/// that place (Hyndman and Fan 1996, type 7). 0 of none.
double quantile(std::vector<double> figures, double part);

/// The middle of some figures, and how far apart the middle half of them is.
struct Summary {
  double median = 0;
  double spread = 0;  ///< (third quartile - first quartile) / 2, as a part of the median
};
Summary summary_of(std::vector<double> figures);

struct Tail {
  double p50 = 0, p90 = 0, p99 = 0, most = 0;
};
Tail tail_of(std::vector<double> figures);

/// 1 where all got the same, 1/n where one got all: the square of the sum over n times the sum of
/// the squares. 1 of none, and where nobody got anything. The figures are not negative.
/// Source: Jain, Chiu, Hawe, DEC TR-301, 1984.
double jain_index(const std::vector<double>& figures);

/// The sorted figures, or where there are more than `count` (at least 2) of them so many of their
/// quantiles, evenly apart and with both ends: the same curve with fewer points.
std::vector<double> curve_of(std::vector<double> figures, std::size_t count);

}  // namespace gauntlet::figures
