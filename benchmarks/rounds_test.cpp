#include "benchmarks/rounds.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace gauntlet::benchmarks {
namespace {

using testing::DoubleEq;
using testing::HasSubstr;
using testing::StartsWith;

TEST(Measured, TakesRatiosWithinARoundSoThatASlowRoundCountsForNothing) {
  const Measured measured{.figures = {{12, 120, 12}, {10, 100, 10}}};
  EXPECT_THAT(measured.ratio_to(0).median, DoubleEq(1.2));
}

TEST(Table, SaysWhichGoalsAreMet) {
  const Comparison comparison{
      .title = "a thing",
      .ours = {"ours", {}},
      .floors = {{.timed = {"near", {}}, .goal = 1.25}, {.timed = {"far", {}}, .goal = 1.1}},
      .goal = 20};
  const Measured measured{.figures = {{12}, {10}, {10}}};
  const std::string table = table_of(comparison, measured);
  EXPECT_THAT(table, StartsWith("a thing\n"));
  EXPECT_THAT(table, HasSubstr("goal   20 ms  met"));
  EXPECT_THAT(table, HasSubstr("x  1.20   goal x 1.25  met"));
  EXPECT_THAT(table, HasSubstr("x  1.20   goal x 1.10  MISSED"));
}

TEST(Scale, IsSmallerTheQuickerItIs) {
  EXPECT_EQ(Scale(Scale::Of::full).of(128, 32, 3), 128);
  EXPECT_EQ(Scale(Scale::Of::usual).of(128, 32, 3), 32);
  EXPECT_EQ(Scale(Scale::Of::quick).of(128, 32, 3), 3);
  EXPECT_EQ(Scale(Scale::Of::usual).rounds(), 9);
}

}  // namespace
}  // namespace gauntlet::benchmarks
