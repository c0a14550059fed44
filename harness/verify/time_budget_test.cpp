#include "harness/verify/time_budget.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace gauntlet::verify {
namespace {

using std::chrono::seconds;
using std::chrono::steady_clock;
using testing::HasSubstr;

struct Budgeted {
  steady_clock::time_point now{};
  Options options = [] {
    Options made;
    made.time_budget = seconds(60);
    return made;
  }();
  TimeBudget budget{options, [this] { return now; }};
};

TEST(TimeBudget, LeavesOutWhatBeginsAfterItsEnd) {
  Budgeted run;
  EXPECT_EQ(run.budget.why_left_out("lint"), "");
  run.now += seconds(61);
  EXPECT_THAT(run.budget.why_left_out("status"), HasSubstr("out of time"));
}

TEST(TimeBudget, LeavesOutWhatWouldNotFit) {
  Budgeted run;
  run.now += seconds(35);
  run.budget.note("boot", seconds(20));
  EXPECT_THAT(run.budget.why_left_out("replicas"), HasSubstr("about 40 s, and 25 s"));
}

TEST(TimeBudget, EstimatesByTheCheckThatRanAlsoBehindOneThatWasLeftOut) {
  Budgeted run;
  run.now += seconds(35);
  run.budget.note("boot", seconds(20));
  EXPECT_NE(run.budget.why_left_out("replicas"), "");
  EXPECT_THAT(run.budget.why_left_out("rollback"), HasSubstr("about 60 s, and 25 s"));
}

TEST(TimeBudget, LetsRunWhatFits) {
  Budgeted run;
  run.now += seconds(35);
  run.budget.note("boot", seconds(10));
  EXPECT_EQ(run.budget.why_left_out("replicas"), "");
}

TEST(TimeBudget, LimitsNothingUnlessItIsGiven) {
  const Options none;
  steady_clock::time_point now{};
  const TimeBudget budget(none, [&] { return now; });
  now += std::chrono::hours(9);
  EXPECT_EQ(budget.why_left_out("replicas"), "");
}

}  // namespace
}  // namespace gauntlet::verify
