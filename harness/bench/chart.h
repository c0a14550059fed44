// A picture of curves as SVG, coloured by the page that it stands in. Pure.
#pragma once

#include "harness/figures/line.h"

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace gauntlet::bench {

struct Curve {
  std::string name = {};
  std::size_t colour = 0;  ///< class `cN` of the page
  bool dashed = false;
  std::vector<figures::Point> points = {};  ///< by ascending x
  bool marked = true;                       ///< a dot and its figures at each point
  /// Where it was measured and did something wrong: a cross each, and no line to it.
  std::vector<figures::Point> wrong = {};
};

struct Axes {
  std::string x = {}, y = {};
  enum class Scale { linear, logarithmic };
  Scale x_scale = Scale::linear, y_scale = Scale::linear;
  std::vector<double> x_ticks = {};  ///< empty: round figures
};

/// Empty where there is no point. On a logarithmic axis only what is positive is shown.
std::string chart(const Axes& axes, const std::vector<Curve>& curves);

}  // namespace gauntlet::bench
