#include "harness/certify/grades.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace gauntlet::certify {
namespace {

using crash::Outcome;
using testing::HasSubstr;
using Weight = Grade::Weight;

CrashCell cell(Outcome outcome, bool outside = false) {
  return {.judged = {outcome, "because"},
          .outside_transaction = outside,
          .name = "cut-after at the COMMIT",
          .replay = "gauntlet crash --only x"};
}

TEST(CrashGrade, IsTheWorstOutcomeOfEachKindOfFile) {
  const auto grades = crash_grades({cell(Outcome::converged), cell(Outcome::applied_twice),
                                    cell(Outcome::stopped_and_said, true)});
  ASSERT_EQ(grades.size(), 2U);
  EXPECT_EQ(grades[0].what, "in-transaction");
  EXPECT_EQ(grades[0].grade, "applied-twice");
  EXPECT_EQ(grades[0].weight, Weight::harm);
  EXPECT_THAT(grades[0].why, HasSubstr("2 cells: 1 converged, 1 applied-twice; cut-after at"));
  EXPECT_EQ(grades[1].grade, "stopped-and-said-what-to-do");
  EXPECT_EQ(grades[1].weight, Weight::fine);
}

TEST(CrashGrade, IsUndecidedOnlyWhereNoCellWasJudged) {
  EXPECT_EQ(crash_grades({cell(Outcome::not_done)}).at(0).weight, Weight::undecided);
  EXPECT_EQ(crash_grades({cell(Outcome::not_done), cell(Outcome::converged)}).at(0).weight,
            Weight::fine);
}

TEST(LockGrade, ThatThereIsNoLockIsAWishOfTheLockAlone) {
  wire_mutant::RunnerGrades raced;
  for (const wire_mutant::WireMutant& mutant : wire_mutant::wire_mutants())
    raced.results.push_back({.mutant = mutant, .graded = {wire_mutant::Grade::no_lock, "none"}});
  std::size_t wishes = 0;
  for (const Grade& grade : lock_grades(raced)) wishes += grade.weight == Weight::wish ? 1 : 0;
  EXPECT_EQ(wishes, 1U);
}

TEST(LockGrade, ThatADeniedUnlockIsIgnoredIsAWish) {
  constexpr auto not_needed = wire_mutant::Grade::not_needed;
  constexpr auto self_checked = wire_mutant::Grade::self_checked;
  const auto graded = [](wire_mutant::Grade grade) {
    return lock_grades({.denied_unlock = wire_mutant::Graded{grade, "why"}}).at(0);
  };
  EXPECT_EQ(graded(not_needed).grade, "ignored");
  EXPECT_EQ(graded(not_needed).weight, Weight::wish);
  EXPECT_EQ(graded(self_checked).grade, "stops");
  EXPECT_EQ(graded(self_checked).weight, Weight::fine);
  EXPECT_EQ(graded(wire_mutant::Grade::no_lock).weight, Weight::not_asked);
}

TEST(RaceGrade, HarmsStraightAndIsAWishBehindAPooler) {
  const wire_mutant::Graded twice{wire_mutant::Grade::needed, "rows"};
  EXPECT_EQ(race_grade(Area::replicas, "together", twice).grade, "applied-twice");
  EXPECT_EQ(race_grade(Area::replicas, "together", twice).weight, Weight::harm);
  EXPECT_EQ(race_grade(Area::pooler, "together", twice).weight, Weight::wish);
  EXPECT_EQ(
      race_grade(Area::replicas, "together", {wire_mutant::Grade::needed, "rows", true}).grade,
      "lost");
  const wire_mutant::Graded fine{wire_mutant::Grade::not_needed, "once"};
  EXPECT_EQ(race_grade(Area::replicas, "together", fine).grade, "exactly-once");
  EXPECT_EQ(race_grade(Area::replicas, "together", fine).weight, Weight::fine);
}

}  // namespace
}  // namespace gauntlet::certify
