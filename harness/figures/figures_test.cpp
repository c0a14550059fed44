#include "harness/figures/interval.h"
#include "harness/figures/line.h"
#include "harness/figures/quantiles.h"

#include <algorithm>
#include <cmath>
#include <random>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

namespace gauntlet::figures {
namespace {

using testing::DoubleEq;
using testing::DoubleNear;
using testing::ElementsAre;

/// Times as they are measured: some, positive, of no absurd size.
std::vector<double> some_times() {
  const auto times =
      *rc::gen::nonEmpty(rc::gen::container<std::vector<int>>(rc::gen::inRange(1, 1'000'000)));
  return {times.begin(), times.end()};
}

TEST(Summary, TellsTheMiddleAndHowFarApartTheMiddleHalfIs) {
  const Summary summary = summary_of({50, 10, 30, 20, 40});
  EXPECT_THAT(summary.median, DoubleEq(30));
  EXPECT_THAT(summary.spread, DoubleEq(10.0 / 30));
}

TEST(Summary, OfAnEvenCountLiesBetweenTheTwoInTheMiddle) {
  EXPECT_THAT(summary_of({1, 2, 3, 100}).median, DoubleEq(2.5));
}

TEST(Summary, OfNothingIsNothing) {
  EXPECT_EQ(summary_of({}).median, 0);
  EXPECT_EQ(tail_of({}).most, 0);
}

TEST(Tail, OfAHundredEvenFigures) {
  std::vector<double> figures;
  for (int figure = 0; figure <= 100; ++figure) figures.push_back(figure);
  const Tail tail = tail_of(figures);
  EXPECT_THAT(tail.p50, DoubleEq(50));
  EXPECT_THAT(tail.p90, DoubleEq(90));
  EXPECT_THAT(tail.p99, DoubleEq(99));
  EXPECT_THAT(tail.most, DoubleEq(100));
}

RC_GTEST_PROP(Quantile, NeverFallsAsItsPartRisesAndStaysWithinTheFigures, ()) {
  const auto figures = some_times();
  const double low = *rc::gen::inRange(0, 101) / 100.0, high = *rc::gen::inRange(0, 101) / 100.0;
  const auto [least, most] = std::ranges::minmax(figures);
  RC_ASSERT(quantile(figures, std::min(low, high)) <= quantile(figures, std::max(low, high)));
  RC_ASSERT(quantile(figures, low) >= least);
  RC_ASSERT(quantile(figures, low) <= most);
}

TEST(Jain, IsOneWhereAllWaitAlikeAndOneNthWhereOneAloneWaits) {
  EXPECT_THAT(jain_index({7, 7, 7, 7}), DoubleEq(1));
  EXPECT_THAT(jain_index({0, 0, 9, 0}), DoubleEq(0.25));
  EXPECT_THAT(jain_index({}), DoubleEq(1));
}

RC_GTEST_PROP(Jain, LiesBetweenOneNthAndOneAndDoesNotCareForTheUnit, ()) {
  auto figures = some_times();
  const double index = jain_index(figures);
  RC_ASSERT(index <= 1 + 1e-9);
  RC_ASSERT(index >= 1.0 / static_cast<double>(figures.size()) - 1e-9);
  for (double& figure : figures) figure *= 1'000;
  RC_ASSERT(std::abs(jain_index(figures) - index) < 1e-9);
}

TEST(Curve, KeepsFewFiguresAsTheyAreAndThinsOutMany) {
  EXPECT_THAT(curve_of({3, 1, 2}, 5), ElementsAre(1, 2, 3));
  EXPECT_THAT(curve_of({0, 10, 20, 30, 40, 50, 60, 70, 80}, 3), ElementsAre(0, 40, 80));
}

TEST(Line, ThroughPointsOnALineIsThatLineAndIsSureOfIt) {
  const auto line = line_through({{1, 5}, {2, 7}, {4, 11}, {8, 19}});
  ASSERT_TRUE(line && line->slope_interval);
  EXPECT_THAT(line->slope, DoubleNear(2, 1e-9));
  EXPECT_THAT(line->intercept, DoubleNear(3, 1e-9));
  EXPECT_THAT(line->slope_interval->low, DoubleNear(2, 1e-6));
  EXPECT_THAT(line->slope_interval->high, DoubleNear(2, 1e-6));
}

// Anscombe's first set (1973), whose slope is 0.5001 with a standard error of 0.1179.
TEST(Line, HasTheIntervalThatTheTextbookSays) {
  const auto line = line_through({{10, 8.04},
                                  {8, 6.95},
                                  {13, 7.58},
                                  {9, 8.81},
                                  {11, 8.33},
                                  {14, 9.96},
                                  {6, 7.24},
                                  {4, 4.26},
                                  {12, 10.84},
                                  {7, 4.82},
                                  {5, 5.68}});
  ASSERT_TRUE(line && line->slope_interval);
  EXPECT_THAT(line->slope, DoubleNear(0.5001, 1e-4));
  EXPECT_THAT(line->intercept, DoubleNear(3.0001, 1e-4));
  EXPECT_THAT(line->slope_interval->low, DoubleNear(0.5001 - 2.262 * 0.1179, 1e-3));
  EXPECT_THAT(line->slope_interval->high, DoubleNear(0.5001 + 2.262 * 0.1179, 1e-3));
}

TEST(Line, IsNoneThroughOnePlaceAndUnsureThroughTwoPoints) {
  EXPECT_FALSE(line_through({{16, 1}, {16, 2}, {16, 3}}));
  EXPECT_FALSE(line_through({}));
  const auto line = line_through({{1, 1}, {2, 3}});
  ASSERT_TRUE(line);
  EXPECT_FALSE(line->slope_interval);
}

TEST(T, ApproachesTheNormalDistributionWithoutAJumpWhereTheTableEnds) {
  EXPECT_THAT(t_of_95_percent(1), DoubleEq(12.706));
  EXPECT_THAT(t_of_95_percent(31), DoubleNear(2.0395, 1e-3));
  EXPECT_THAT(t_of_95_percent(120), DoubleNear(1.9799, 1e-3));
}

TEST(Ratio, CountsASlowRoundForNothingBecauseItIsSlowForBoth) {
  const auto ratio = ratio_of({12, 120, 12, 12, 12}, {10, 100, 10, 10, 10});
  ASSERT_TRUE(ratio && ratio->interval);
  EXPECT_THAT(ratio->median, DoubleEq(1.2));
  EXPECT_THAT(ratio->interval->low, DoubleEq(1.2));
  EXPECT_THAT(ratio->interval->high, DoubleEq(1.2));
}

TEST(Ratio, OfTooFewRoundsHasNoInterval) {
  const auto ratio = ratio_of({12, 12, 13, 12}, {10, 10, 10, 10});
  ASSERT_TRUE(ratio);
  EXPECT_FALSE(ratio->interval);
  EXPECT_FALSE(ratio_of({}, {}));
}

RC_GTEST_PROP(Ratio, LiesInItsIntervalWhichIsTheSameEachTime, ()) {
  auto ours = some_times();
  while (ours.size() < rounds_for_an_interval) ours.push_back(ours.front());
  const std::vector<double> theirs(ours.size(), 7);
  const auto once = ratio_of(ours, theirs), again = ratio_of(ours, theirs);
  RC_ASSERT(once->interval->contains(once->median));
  RC_ASSERT(once->interval->low == again->interval->low);
  RC_ASSERT(once->interval->high == again->interval->high);
}

// Of two runners that are alike, an interval of 95 % must not tell them apart more often than it
// says; that of a median of nine rounds is a little too narrow, so a tenth is allowed.
TEST(Ratio, OfTwoThatAreAlikeHasOneInItsIntervalNearlyAlways) {
  std::mt19937_64 random(7);
  std::normal_distribution<double> time(100, 10);
  int told_apart = 0;
  for (int trial = 0; trial < 100; ++trial) {
    std::vector<double> ours, theirs;
    for (int round = 0; round < 9; ++round) {
      ours.push_back(time(random));
      theirs.push_back(time(random));
    }
    if (!ratio_of(ours, theirs)->interval->contains(1)) ++told_apart;
  }
  EXPECT_LE(told_apart, 10);
}

}  // namespace
}  // namespace gauntlet::figures
