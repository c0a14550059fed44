#include "harness/run/repeats.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace gauntlet::run {
namespace {

using testing::ElementsAre;
using testing::Pair;

Run run_of(core::Judgement judgement, std::string replay) {
  Run run;
  run.result.judgement = std::move(judgement);
  run.result.replay = std::move(replay);
  run.result.seconds = std::chrono::seconds(2);
  return run;
}

TEST(Repeats, TellOneRunAsItWas) {
  Repeats repeats;
  repeats.add(0, run_of(core::judged({}), "once"));
  const core::Result whole = repeats.whole().result;
  EXPECT_EQ(whole.replay, "once");
  EXPECT_TRUE(whole.repeats.empty());
  EXPECT_TRUE(whole.notes.empty());
}

TEST(Repeats, AreAsBadAsTheWorstRunAndReplayTheFirstOfThose) {
  Repeats repeats;
  repeats.add(0, run_of(core::judged({}), "fine"));
  repeats.add(1, run_of(core::unknown("late"), "late"));
  repeats.add(3, run_of(core::judged({{.id = "b"}}), "second"));  // which was over before it
  repeats.add(2, run_of(core::judged({{.id = "a"}}), "first"));
  const core::Result whole = repeats.whole().result;
  EXPECT_EQ(whole.judgement.verdict, core::Verdict::violated);
  EXPECT_EQ(whole.replay, "first");
  EXPECT_THAT(whole.repeats,
              ElementsAre(Pair("holds", 1), Pair("unknown", 1), Pair("violated", 2)));
  EXPECT_THAT(whole.notes, ElementsAre("of 4 runs: 1 holds, 1 unknown, 2 violated"));
  EXPECT_EQ(whole.seconds, std::chrono::seconds(8));
}

}  // namespace
}  // namespace gauntlet::run
