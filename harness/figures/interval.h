// Between what bounds a figure lies, judged by the rounds that it was taken in. Pure, so safe on
// any thread; the same rounds always give the same bounds.
#pragma once

#include <cstddef>
#include <functional>
#include <optional>
#include <vector>

namespace gauntlet::figures {

struct Interval {
  double low = 0, high = 0;

  bool contains(double figure) const { return low <= figure && figure <= high; }
};

/// So few rounds say nothing about how far the next one would lie from them.
constexpr std::size_t rounds_for_an_interval = 5;

/// A figure of some of the rounds, by their positions (some of them more than once); nullopt where
/// they give none.
using Statistic = std::function<std::optional<double>(const std::vector<std::size_t>& rounds)>;

/// 95 %, by drawing rounds anew from those there are (the percentile bootstrap: Efron, Tibshirani,
/// An Introduction to the Bootstrap, 1993). nullopt for too few rounds.
std::optional<Interval> bootstrap_interval(std::size_t rounds, const Statistic& statistic);

/// The middle of the rounds' own ratios: a round's figures were taken side by side.
struct Ratio {
  double median = 0;
  std::optional<Interval> interval = {};
};
/// Figures of the same rounds, the divisors positive. nullopt for none.
std::optional<Ratio> ratio_of(const std::vector<double>& ours, const std::vector<double>& theirs);

}  // namespace gauntlet::figures
