#include "harness/figures/quantiles.h"

#include <algorithm>

namespace gauntlet::figures {

namespace {

double quantile_of_sorted(const std::vector<double>& sorted, double part) {
  if (sorted.empty()) return 0;
  const double place = std::clamp(part, 0.0, 1.0) * static_cast<double>(sorted.size() - 1);
  const auto below = static_cast<std::size_t>(place);
  const std::size_t above = std::min(below + 1, sorted.size() - 1);
  return sorted[below] + (sorted[above] - sorted[below]) * (place - static_cast<double>(below));
}

}  // namespace

double quantile(std::vector<double> figures, double part) {
  std::ranges::sort(figures);
  return quantile_of_sorted(figures, part);
}

Summary summary_of(std::vector<double> figures) {
  std::ranges::sort(figures);
  const double median = quantile_of_sorted(figures, 0.5);
  const double apart = quantile_of_sorted(figures, 0.75) - quantile_of_sorted(figures, 0.25);
  return {.median = median, .spread = median > 0 ? apart / 2 / median : 0};
}

Tail tail_of(std::vector<double> figures) {
  std::ranges::sort(figures);
  return {.p50 = quantile_of_sorted(figures, 0.5),
          .p90 = quantile_of_sorted(figures, 0.9),
          .p99 = quantile_of_sorted(figures, 0.99),
          .most = quantile_of_sorted(figures, 1)};
}

double jain_index(const std::vector<double>& figures) {
  double sum = 0, squares = 0;
  for (const double figure : figures) {
    sum += figure;
    squares += figure * figure;
  }
  return squares > 0 ? sum * sum / (static_cast<double>(figures.size()) * squares) : 1;
}

std::vector<double> curve_of(std::vector<double> figures, std::size_t count) {
  std::ranges::sort(figures);
  if (figures.size() <= count) return figures;
  std::vector<double> curve;
  for (std::size_t point = 0; point < count; ++point) {
    const double part = static_cast<double>(point) / static_cast<double>(count - 1);
    curve.push_back(quantile_of_sorted(figures, part));
  }
  return curve;
}

}  // namespace gauntlet::figures
