#include "harness/figures/interval.h"

#include "harness/figures/quantiles.h"

#include <algorithm>
#include <cstdint>
#include <random>

namespace gauntlet::figures {

namespace {

constexpr int drawings = 2'000;
constexpr std::uint64_t seed = 20'010'101;  // any: it must only be the same one each time

}  // namespace

std::optional<Interval> bootstrap_interval(std::size_t rounds, const Statistic& statistic) {
  if (rounds < rounds_for_an_interval) return std::nullopt;
  std::mt19937_64 random(seed);
  std::vector<double> figures;
  std::vector<std::size_t> drawn(rounds);
  for (int drawing = 0; drawing < drawings; ++drawing) {
    for (std::size_t& round : drawn) round = random() % rounds;
    if (const auto figure = statistic(drawn)) figures.push_back(*figure);
  }
  if (figures.empty()) return std::nullopt;
  return Interval{.low = quantile(figures, 0.025), .high = quantile(figures, 0.975)};
}

std::optional<Ratio> ratio_of(const std::vector<double>& ours, const std::vector<double>& theirs) {
  const std::size_t rounds = std::min(ours.size(), theirs.size());
  if (rounds == 0) return std::nullopt;
  std::vector<double> ratios;
  for (std::size_t round = 0; round < rounds; ++round)
    ratios.push_back(ours[round] / theirs[round]);
  const Statistic median = [&](const std::vector<std::size_t>& drawn) -> std::optional<double> {
    std::vector<double> some;
    some.reserve(drawn.size());
    for (const std::size_t round : drawn) some.push_back(ratios[round]);
    return quantile(std::move(some), 0.5);
  };
  return Ratio{.median = quantile(ratios, 0.5), .interval = bootstrap_interval(rounds, median)};
}

}  // namespace gauntlet::figures
