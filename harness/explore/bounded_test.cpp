// The search over replicas that are no more than lists of steps.
#include "harness/explore/bounded.h"

#include <set>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace gauntlet::explore {
namespace {

using Trace = std::vector<std::size_t>;  // the replica of each step

/// Each replica has `steps` steps, and nothing ever blocks.
Moments run(Bounded& search, std::size_t replicas, std::size_t steps) {
  std::vector<std::size_t> done(replicas);
  Moments moments;
  Point point;
  while (true) {
    point.options.clear();
    for (std::size_t replica = 0; replica < replicas; ++replica)
      if (done[replica] < steps)
        point.options.push_back({.session = {replica, 0}, .fingerprint = done[replica]});
    if (point.options.empty()) return moments;
    const std::size_t chosen = search.choose(point);
    moments.push_back({point, chosen});
    const std::size_t replica = point.options[chosen].session.replica;
    ++done[replica];
    point.last = replica;
  }
}

std::vector<Trace> all_of(Bounded& search, std::size_t replicas, std::size_t steps) {
  std::vector<Trace> traces;
  while (search.begin()) {
    const Moments moments = run(search, replicas, steps);
    search.end(moments);
    EXPECT_EQ(search.divergence(), "");
    if (!search.counts()) continue;
    Trace& trace = traces.emplace_back();
    for (const Moment& moment : moments) trace.push_back(moment.option().session.replica);
  }
  return traces;
}

std::size_t preemptions(const Trace& trace, std::size_t steps) {
  std::vector<std::size_t> done(8);
  std::size_t count = 0;
  for (std::size_t at = 0; at < trace.size(); ++at) {
    if (at > 0 && trace[at] != trace[at - 1] && done[trace[at - 1]] < steps) ++count;
    ++done[trace[at]];
  }
  return count;
}

/// Every order of `replicas` times `steps` steps with at most so many preemptions.
std::set<Trace> by_brute_force(std::size_t replicas, std::size_t steps, std::size_t bound) {
  Trace trace;
  for (std::size_t replica = 0; replica < replicas; ++replica)
    trace.insert(trace.end(), steps, replica);
  std::set<Trace> all;
  do {
    if (preemptions(trace, steps) <= bound) all.insert(trace);
  } while (std::next_permutation(trace.begin(), trace.end()));
  return all;
}

TEST(Bounded, FindsEverySchedulesOnceUpToItsBound) {
  for (const std::size_t bound : {0U, 1U, 2U, 3U}) {
    for (const auto& [replicas, steps] : {std::pair{2U, 4U}, std::pair{3U, 2U}}) {
      SCOPED_TRACE(testing::Message() << bound << " preemptions, " << replicas << " replicas");
      Bounded search(bound);
      const std::vector<Trace> traces = all_of(search, replicas, steps);
      const std::set<Trace> distinct(traces.begin(), traces.end());
      EXPECT_EQ(distinct.size(), traces.size());
      EXPECT_EQ(distinct, by_brute_force(replicas, steps, bound));
    }
  }
}

TEST(Bounded, RunsSchedulesWithFewerPreemptionsFirst) {
  Bounded search(2);
  std::size_t before = 0;
  for (const Trace& trace : all_of(search, 2, 4)) {
    EXPECT_LE(before, preemptions(trace, 4));
    before = preemptions(trace, 4);
  }
  EXPECT_EQ(before, 2U);
}

TEST(Bounded, ShardsAreDisjointAndTheirUnionIsTheWhole) {
  Bounded whole(2);
  const std::vector<Trace> all = all_of(whole, 2, 5);
  for (const std::size_t shards : {2U, 3U, 7U}) {
    std::vector<Trace> together;
    for (std::size_t number = 1; number <= shards; ++number) {
      Bounded part(2, {.number = number, .of = shards});
      const std::vector<Trace> traces = all_of(part, 2, 5);
      together.insert(together.end(), traces.begin(), traces.end());
    }
    EXPECT_THAT(together, testing::UnorderedElementsAreArray(all)) << shards << " shards";
  }
}

// Both replicas' first steps may overlap, and then only the second one's next step is there.
TEST(Bounded, RunsEachOverlapOnce) {
  Bounded search(1);
  std::size_t overlaps = 0, runs = 0;
  for (; search.begin(); ++runs) {
    Point point{.options = {{.session = {0, 0}, .fingerprint = 1},
                            {.session = {1, 0}, .fingerprint = 2},
                            {.session = {0, 0},
                             .what = Option::What::overlap,
                             .fingerprint = 1,
                             .beside = Option::Beside{.session = {1, 0}, .fingerprint = 2}}}};
    Moments moments{{point, search.choose(point)}};
    if (moments.front().chosen == 2) ++overlaps;
    point = {.options = {{.session = {1 - moments.front().chosen % 2, 0}}}, .last = 0};
    moments.push_back({point, search.choose(point)});
    search.end(moments);
    EXPECT_EQ(search.divergence(), "");
  }
  EXPECT_EQ(runs, 3U);
  EXPECT_EQ(overlaps, 1U);
}

// After an overlap the server may let the other one end first.
TEST(Bounded, RunThatIsAnotherAfterAnOverlapHasNotDiverged) {
  const Option both{.session = {0, 0},
                    .what = Option::What::overlap,
                    .fingerprint = 1,
                    .beside = Option::Beside{.session = {1, 0}, .fingerprint = 2}};
  const Point next{
      .options = {{.session = {0, 0}, .fingerprint = 3}, {.session = {1, 0}, .fingerprint = 4}},
      .last = 1};
  Bounded search(1);
  search.begin();
  search.end({{{.options = {both}}, 0}, {next, search.choose(next)}});
  ASSERT_TRUE(search.begin());
  search.choose({.options = {both}});
  search.choose({.options = {{.session = {0, 0}, .fingerprint = 5}}});
  search.end({});
  EXPECT_EQ(search.divergence(), "");
  EXPECT_EQ(search.changed_after_overlap(), 1U);
}

TEST(Bounded, ReportsARunThatIsNotTheOneThatWasMeant) {
  Bounded search(1);
  search.begin();
  search.end(run(search, 2, 2));
  search.begin();
  search.choose({.options = {{.session = {0, 0}, .fingerprint = 99}}});
  EXPECT_NE(search.divergence(), "");
}

}  // namespace
}  // namespace gauntlet::explore
