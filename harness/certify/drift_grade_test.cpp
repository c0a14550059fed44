#include "harness/certify/drift_grade.h"

#include <gtest/gtest.h>

namespace gauntlet::certify {
namespace {

using Rows = std::map<std::string, std::size_t>;

std::string graded(Drift drift, bool ok, const Rows& before, const Rows& after) {
  const DriftRun first{.ok = true, .ended = true, .rows = before};
  return grade_of(drift, first, {.ok = ok, .ended = true, .rows = after, .said = "no"}).grade;
}

TEST(DriftGrade, OfAnEditedFileIsRefusedIgnoredOrAppliedAgain) {
  const Rows before = {{"second", 1}, {"third", 1}};
  EXPECT_EQ(graded(Drift::edited, false, before, before), "refused");
  EXPECT_EQ(graded(Drift::edited, true, before, before), "ignored");
  EXPECT_EQ(graded(Drift::edited, true, before, {{"second", 1}, {"edited", 1}, {"third", 1}}),
            "applied-again");
  EXPECT_EQ(graded(Drift::edited, true, before, {{"edited", 1}, {"third", 1}}), "replaced");
  EXPECT_EQ(graded(Drift::edited, true, before, {{"second", 1}, {"third", 2}}), "applied-twice");
}

TEST(DriftGrade, OfAFileThatIsGoneMayBeRefusedOrIgnored) {
  const Rows before = {{"second", 1}, {"third", 1}};
  EXPECT_EQ(graded(Drift::removed, false, before, before), "refused");
  EXPECT_EQ(graded(Drift::removed, true, before, {{"second", 1}, {"third", 1}, {"fourth", 1}}),
            "ignored");
  EXPECT_EQ(graded(Drift::removed, true, before, before), "skipped");
  EXPECT_EQ(graded(Drift::removed, true, before, {{"third", 1}, {"fourth", 1}}), "applied-twice");
}

TEST(DriftGrade, OfAHoleIsHarmOnlyWhereASuccessHidesIt) {
  const Rows before = {{"third", 1}};
  EXPECT_EQ(graded(Drift::hole, true, before, {{"second", 1}, {"third", 1}}), "applied");
  EXPECT_EQ(graded(Drift::hole, false, before, before), "refused");
  const DriftRun first{.ok = true, .ended = true, .rows = before};
  const Grade skipped = grade_of(Drift::hole, first, {.ok = true, .ended = true, .rows = before});
  EXPECT_EQ(skipped.grade, "skipped");
  EXPECT_EQ(skipped.weight, Grade::Weight::harm);
}

TEST(DriftGrade, IsUnknownWhereTheRunDidNotEnd) {
  EXPECT_EQ(grade_of(Drift::hole, {}, {}).weight, Grade::Weight::undecided);
}

}  // namespace
}  // namespace gauntlet::certify
