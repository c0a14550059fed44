#include "harness/certify/promises.h"

#include "runner/values/error.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace gauntlet::certify {
namespace {

using State = JudgedPromise::State;

Grade grade(Area area, std::string what, std::string of) {
  return {.area = area, .what = std::move(what), .grade = std::move(of), .why = "seen"};
}

State state_of(const std::string& promise, const std::vector<Grade>& grades) {
  return judge_promises({{.id = promise, .page = "p"}}, grades).at(0).state;
}

TEST(Promise, IsHeldToItsGrades) {
  EXPECT_EQ(state_of("detects-edits", {grade(Area::drift, "edited", "refused")}), State::kept);
  EXPECT_EQ(state_of("detects-edits", {grade(Area::drift, "edited", "ignored")}), State::broken);
  EXPECT_EQ(state_of("applies-late", {grade(Area::drift, "hole", "refused")}), State::broken);
  EXPECT_EQ(state_of("refuses-late", {grade(Area::drift, "hole", "refused")}), State::kept);
  EXPECT_EQ(state_of("locks", {grade(Area::lock, "lock-is-noop", "no-lock")}), State::broken);
}

TEST(Promise, OfExactlyOnceIsBrokenByReplicasOrByACrash) {
  const Grade good = grade(Area::replicas, "together", "exactly-once");
  const Grade converged = grade(Area::crash, "in-transaction", "converged");
  EXPECT_EQ(state_of("exactly-once", {good, converged}), State::kept);
  EXPECT_EQ(state_of("exactly-once", {good}), State::not_judged);
  EXPECT_EQ(state_of("exactly-once", {grade(Area::replicas, "together", "applied-twice")}),
            State::broken);
  EXPECT_EQ(state_of("exactly-once", {grade(Area::crash, "in-transaction", "applied-twice")}),
            State::broken);
}

TEST(Promise, IsNotJudgedByWhatCouldNotBeAsked) {
  Grade undecided = grade(Area::drift, "edited", "unknown");
  undecided.weight = Grade::Weight::undecided;
  EXPECT_EQ(state_of("detects-edits", {undecided}), State::not_judged);
  EXPECT_EQ(state_of("detects-edits", {}), State::not_judged);
}

TEST(Promise, ThatIsNotKnownIsRefusedWithThoseThatAre) {
  try {
    judge_promises({{.id = "eternal-youth", .page = "p"}}, {});
    FAIL();
  } catch (const runner::Error& error) {
    EXPECT_EQ(error.code(), "bad-subject-file");
    EXPECT_THAT(error.fix(), testing::HasSubstr("exactly-once"));
  }
}

TEST(Promise, OfEachKindCanBeKept) {
  for (const KnownPromise& known : known_promises()) {
    const auto judged = judge_promises({{.id = std::string(known.id), .page = "p"}}, {});
    EXPECT_EQ(judged.at(0).state, State::not_judged) << known.id << " rests on no grade";
  }
}

}  // namespace
}  // namespace gauntlet::certify
