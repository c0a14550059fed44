#include "harness/certify/long_reader.h"

#include <gtest/gtest.h>

namespace gauntlet::certify {
namespace {

using std::chrono::milliseconds;
using Weight = Grade::Weight;

LongReaderRun waited(milliseconds others) {
  return {.ended = true,
          .ok = true,
          .is_applied = true,
          .later_ok = true,
          .tries = 1,
          .others_waited = others};
}

TEST(LongReader, BlocksOthersWhereTheyStandBehindTheMigration) {
  EXPECT_EQ(grade_of(waited(milliseconds(2'900))).grade, "blocks-others");
  EXPECT_EQ(grade_of(waited(milliseconds(2'900))).weight, Weight::wish);
  EXPECT_EQ(grade_of(waited(milliseconds(100))).grade, "lets-others-pass");
}

TEST(LongReader, MayGiveUpWhereALaterRunSucceeds) {
  LongReaderRun run = waited(milliseconds(100));
  run.ok = run.is_applied = false;
  run.ended_before = true;
  EXPECT_EQ(grade_of(run).grade, "gives-up");
  EXPECT_EQ(grade_of(run).weight, Weight::fine);
  run.later_ok = false;
  EXPECT_EQ(grade_of(run).grade, "stuck");
}

TEST(LongReader, IsHarmedByASuccessThatIsNone) {
  LongReaderRun run = waited(milliseconds(100));
  run.is_applied = false;
  EXPECT_EQ(grade_of(run).weight, Weight::harm);
  EXPECT_EQ(grade_of(LongReaderRun{}).weight, Weight::undecided);
}

}  // namespace
}  // namespace gauntlet::certify
