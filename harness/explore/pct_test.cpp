#include "harness/explore/pct.h"

#include <set>
#include <string>

#include <gtest/gtest.h>

namespace gauntlet::explore {
namespace {

/// Two replicas with `steps` steps each: the replica of each step.
std::string run(Pct& search, std::size_t steps) {
  EXPECT_TRUE(search.begin());
  std::vector<std::size_t> done(2);
  std::string trace;
  Moments moments;
  Point point;
  while (true) {
    point.options.clear();
    for (std::size_t replica : {0U, 1U})
      if (done[replica] < steps) point.options.push_back({.session = {replica, 0}});
    if (point.options.empty()) break;
    const std::size_t chosen = search.choose(point);
    moments.push_back({point, chosen});
    point.last = point.options[chosen].session.replica;
    ++done[*point.last];
    trace += std::to_string(*point.last);
  }
  search.end(moments);
  return trace;
}

TEST(Pct, FirstDepthRunsOneReplicaAfterTheOther) {
  Pct search(3, 1);
  std::set<std::string> traces;
  for (int times = 0; times < 50; ++times) traces.insert(run(search, 3));
  EXPECT_EQ(traces, (std::set<std::string>{"000111", "111000"}));
}

TEST(Pct, DepthOfTwoSwitchesOnceAtAnyStep) {
  Pct search(3, 2);
  std::set<std::string> traces;
  for (int times = 0; times < 400; ++times) traces.insert(run(search, 3));
  EXPECT_EQ(traces.size(), 6U) << "no switch, after one step, after two: of either replica";
}

TEST(Pct, SameSeedDrawsTheSameSchedules) {
  Pct one(5, 3), other(5, 3);
  for (int times = 0; times < 50; ++times) EXPECT_EQ(run(one, 4), run(other, 4));
}

// What only waits is let go when nothing else is left, and then it is the last one.
TEST(Pct, ReplicaThatWaitsLetsOthersGoFirst) {
  Pct search(1, 1);
  ASSERT_TRUE(search.begin());
  const Option waits{.session = {0, 0}, .what = Option::What::wait};
  for (int times = 0; times < 20; ++times)
    EXPECT_EQ(search.choose({.options = {waits, {.session = {1, 0}}}}), 1U);
}

}  // namespace
}  // namespace gauntlet::explore
