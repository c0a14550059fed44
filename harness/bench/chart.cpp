#include "harness/bench/chart.h"

#include "harness/report/html_text.h"

#include <algorithm>
#include <cmath>

#include <fmt/format.h>

namespace gauntlet::bench {

namespace {

constexpr double width = 640, height = 330, left = 78, right = 14, top = 12, bottom = 42;

/// One axis: figures to places on the picture.
class Axis {
 public:
  Axis(Axes::Scale scale, double from, double to) : scale_(scale), from_(from), to_(to) {}

  void span(double least, double most) {
    low_ = value(least);
    high_ = value(most);
    if (scale_ == Axes::Scale::linear) low_ = std::min(low_, 0.0);
    if (high_ - low_ < 1e-9) {
      low_ -= 0.5;
      high_ += 0.5;
    }
  }

  double place(double figure) const {
    return from_ + (value(figure) - low_) / (high_ - low_) * (to_ - from_);
  }

  std::vector<double> ticks() const {
    return scale_ == Axes::Scale::linear ? linear_ticks() : logarithmic_ticks();
  }

 private:
  double value(double figure) const {
    return scale_ == Axes::Scale::linear ? figure : std::log10(std::max(figure, 1e-3));
  }

  std::vector<double> linear_ticks() const {
    double step = std::pow(10, std::floor(std::log10(high_ - low_)));
    while ((high_ - low_) / step < 4) step /= 2;
    std::vector<double> ticks;
    const auto first = static_cast<int>(std::ceil(low_ / step));
    const auto last = static_cast<int>(std::floor(high_ / step + 1e-3));
    for (int tick = first; tick <= last; ++tick) ticks.push_back(tick * step);
    return ticks;
  }

  std::vector<double> logarithmic_ticks() const {
    const bool has_room = high_ - low_ < 1.6;
    std::vector<double> ticks;
    for (int decade = static_cast<int>(std::floor(low_)); decade <= high_; ++decade) {
      for (const double step : {1.0, 2.0, 5.0}) {
        const double tick = step * std::pow(10, decade);
        const bool inside = std::log10(tick) >= low_ - 1e-9 && std::log10(tick) <= high_ + 1e-9;
        if (inside && (step == 1.0 || has_room)) ticks.push_back(tick);
      }
    }
    return ticks;
  }

  Axes::Scale scale_;
  double from_, to_, low_ = 0, high_ = 1;
};

bool can_be_shown(const Axes& axes, const figures::Point& point) {
  return (axes.x_scale == Axes::Scale::linear || point.x > 0) &&
         (axes.y_scale == Axes::Scale::linear || point.y > 0);
}

class Picture {
 public:
  Picture(const Axes& axes, const std::vector<Curve>& curves)
      : axes_(axes),
        curves_(curves),
        x_(axes.x_scale, left, width - right),
        y_(axes.y_scale, height - bottom, top) {}

  std::string svg() {
    std::vector<double> xs, ys;
    for (const Curve& curve : curves_) {
      for (const auto* points : {&curve.points, &curve.wrong}) {
        for (const figures::Point& point : *points) {
          if (!can_be_shown(axes_, point)) continue;
          xs.push_back(point.x);
          ys.push_back(point.y);
        }
      }
    }
    if (xs.empty()) return {};
    x_.span(std::ranges::min(xs), std::ranges::max(xs));
    const double room = axes_.y_scale == Axes::Scale::linear ? 1.04 : 1.15;
    y_.span(std::ranges::min(ys) / room, std::ranges::max(ys) * room);
    text_ = fmt::format("<svg viewBox=\"0 0 {} {}\" role=img aria-label=\"{} over {}\">\n", width,
                        height, report::html_text(axes_.y), report::html_text(axes_.x));
    add_grid();
    for (const Curve& curve : curves_) add(curve);
    return text_ + "</svg>\n";
  }

 private:
  void add_grid() {
    for (const double tick : axes_.x_ticks.empty() ? x_.ticks() : axes_.x_ticks) {
      text_ += fmt::format(
          "<path class=grid d=\"M{0:.1f} {1}V{2}\"/><text x=\"{0:.1f}\" y=\"{3}\" "
          "text-anchor=middle>{4:g}</text>\n",
          x_.place(tick), top, height - bottom, height - bottom + 16, tick);
    }
    for (const double tick : y_.ticks()) {
      text_ += fmt::format(
          "<path class=grid d=\"M{0} {1:.1f}H{2}\"/><text x=\"{3}\" y=\"{4:.1f}\" "
          "text-anchor=end>{5:g}</text>\n",
          left, y_.place(tick), width - right, left - 6, y_.place(tick) + 4, tick);
    }
    text_ += fmt::format(
        "<text x=\"{}\" y=\"{}\" text-anchor=middle>{}</text>\n"
        "<text transform=\"translate(14 {}) rotate(-90)\" text-anchor=middle>{}</text>\n",
        (left + width - right) / 2, height - 8, report::html_text(axes_.x),
        (top + height - bottom) / 2, report::html_text(axes_.y));
  }

  void add(const Curve& curve) {
    std::string path, dots;
    for (const figures::Point& point : curve.points) {
      if (!can_be_shown(axes_, point)) continue;
      path += fmt::format("{}{:.1f} {:.1f}", path.empty() ? "M" : "L", x_.place(point.x),
                          y_.place(point.y));
      if (!curve.marked) continue;
      dots += fmt::format(
          "<circle class=\"dot c{}\" cx=\"{:.1f}\" cy=\"{:.1f}\" r=3><title>{}: {:g} at "
          "{:g}</title>"
          "</circle>\n",
          curve.colour, x_.place(point.x), y_.place(point.y), report::html_text(curve.name),
          point.y, point.x);
    }
    text_ += fmt::format("<path class=\"line c{}\"{} d=\"{}\"><title>{}</title></path>\n{}",
                         curve.colour, curve.dashed ? " stroke-dasharray=\"5 4\"" : "", path,
                         report::html_text(curve.name), dots);
    for (const figures::Point& point : curve.wrong) {
      if (can_be_shown(axes_, point)) add_cross(curve, point);
    }
  }

  void add_cross(const Curve& curve, const figures::Point& point) {
    constexpr double arm = 5;
    const double x = x_.place(point.x), y = y_.place(point.y);
    text_ += fmt::format(
        "<path class=\"line c{0}\" d=\"M{1:.1f} {2:.1f}L{3:.1f} {4:.1f}M{1:.1f} {4:.1f}L{3:.1f} "
        "{2:.1f}\"><title>{5}: wrong at {6:g}</title></path>"
        "<text x=\"{7:.1f}\" y=\"{8:.1f}\" text-anchor=end>{5}: wrong</text>\n",
        curve.colour, x - arm, y - arm, x + arm, y + arm, report::html_text(curve.name), point.x,
        x - arm - 3, y + 4);
  }

  const Axes& axes_;
  const std::vector<Curve>& curves_;
  Axis x_, y_;
  std::string text_ = {};
};

}  // namespace

std::string chart(const Axes& axes, const std::vector<Curve>& curves) {
  return Picture(axes, curves).svg();
}

}  // namespace gauntlet::bench
