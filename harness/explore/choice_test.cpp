#include "harness/explore/choice.h"

#include <gtest/gtest.h>

namespace gauntlet::explore {
namespace {

using What = Option::What;

Option option(std::size_t replica, What what = What::step) {
  return {.session = {.replica = replica}, .what = what};
}

TEST(Choice, LeavingAReplicaThatCouldGoOnIsAPreemption) {
  const Point point{.options = {option(0), option(1)}, .last = 0};
  EXPECT_EQ(preemptions_of(point, 0), 0U);
  EXPECT_EQ(preemptions_of(point, 1), 1U);
}

TEST(Choice, LeavingAReplicaThatWaitsIsNoPreemption) {
  const Point point{.options = {option(0, What::wait), option(1)}, .last = 0};
  EXPECT_EQ(preemptions_of(point, 1), 0U);
}

TEST(Choice, LeavingAReplicaThatIsBlockedOrDoneIsNoPreemption) {
  const Point point{.options = {option(1), option(2)}, .last = 0};
  EXPECT_EQ(preemptions_of(point, 0), 0U);
  EXPECT_EQ(preemptions_of(point, 1), 0U);
}

TEST(Choice, TimerThatExpiresEarlyCostsAPreemptionAndItsRepetitionNone) {
  Point point{.options = {option(0), option(1, What::wait)}, .last = 1};
  EXPECT_EQ(preemptions_of(point, 1), 1U);
  point.options[1].expired = 1;
  EXPECT_EQ(preemptions_of(point, 1), 0U);
  point.last = 0;
  EXPECT_EQ(preemptions_of(point, 1), 1U);
  EXPECT_EQ(
      preemptions_of({.options = {option(0, What::wait), option(1, What::wait)}, .last = 0}, 1),
      0U);
}

TEST(Choice, DefaultLetsTheLastReplicaGoOn) {
  EXPECT_EQ(default_option({.options = {option(0), option(1)}, .last = 1}), 1U);
}

TEST(Choice, DefaultGoesOnToTheNextReplicaThatDoesNotWait) {
  EXPECT_EQ(default_option(
                {.options = {option(0, What::wait), option(1, What::wait), option(2)}, .last = 0}),
            2U);
  EXPECT_EQ(default_option({.options = {option(0), option(1, What::wait)}, .last = 1}), 0U);
}

TEST(Choice, DefaultLetsAWaitingReplicaGoOnlyWhenAllWait) {
  EXPECT_EQ(default_option({.options = {option(0, What::wait), option(1, What::wait)}, .last = 0}),
            1U);
}

Option overlap_of_both() {
  Option both = option(0, What::overlap);
  both.beside = {.session = {.replica = 1}, .fingerprint = 7};
  return both;
}

TEST(Choice, OverlapCostsNothingAndIsNeverTheDefault) {
  const Point point{.options = {option(0), option(1), overlap_of_both()}, .last = 1};
  EXPECT_EQ(preemptions_of(point, 2), 0U);
  EXPECT_EQ(default_option(point), 1U);
}

TEST(Choice, FaultIsNeverTheDefaultAndNamesWhomItHarms) {
  const Point point{.options = {option(0), option(1, What::die_before), option(1)}, .last = 1};
  EXPECT_EQ(default_option(point), 2U);
  EXPECT_EQ(preemptions_of(point, 1), 0U);
  EXPECT_EQ(harmed_in({{.point = point, .chosen = 0}}), std::nullopt);
  EXPECT_EQ(harmed_in({{.point = point, .chosen = 1}}), 1U);
}

TEST(Choice, OverlapsWithOtherStatementsAreOtherChoices) {
  Option other = overlap_of_both();
  other.beside->fingerprint = 8;
  const Point point{.options = {option(0), overlap_of_both(), other}};
  EXPECT_EQ(find(point, choice_of(other)), 2U);
}

}  // namespace
}  // namespace gauntlet::explore
