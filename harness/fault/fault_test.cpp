#include "harness/fault/fault.h"

#include "harness/fault/harm.h"

#include <gtest/gtest.h>

namespace gauntlet::fault {
namespace {

using What = core::Ruling::What;

core::Step step(std::size_t replica, const std::string& sql) {
  return {.session = {.replica = replica}, .sql = sql};
}

TEST(Fault, FiresOnceAtTheStepThatFitsAllThatIsGiven) {
  Plan plan({{.replica = 1, .sql_has = "COMMIT", .skip = 1, .ruling = {.what = What::lose_after}}});
  EXPECT_EQ(plan.rule(step(0, "COMMIT")).what, What::proceed);
  EXPECT_EQ(plan.rule(step(1, "BEGIN")).what, What::proceed);
  EXPECT_EQ(plan.rule(step(1, "COMMIT")).what, What::proceed);
  EXPECT_EQ(plan.rule(step(1, "COMMIT")).what, What::lose_after);
  EXPECT_EQ(plan.rule(step(1, "COMMIT")).what, What::proceed);
  EXPECT_TRUE(plan.unfired().empty());
}

TEST(Fault, DoesOneHarmAStepAndTheOtherAtTheNextThatFits) {
  Plan plan({{.ruling = {.what = What::lose_before}}, {.ruling = {.what = What::refuse}}});
  EXPECT_EQ(plan.rule(step(0, "a")).what, What::lose_before);
  EXPECT_EQ(plan.rule(step(0, "b")).what, What::refuse);
  EXPECT_EQ(plan.rule(step(0, "c")).what, What::proceed);
}

TEST(Fault, TellsWhatNeverFired) {
  Plan plan({{.sql_has = "nowhere", .ruling = {.what = What::die_before}}});
  plan.rule(step(0, "a"));
  ASSERT_EQ(plan.unfired().size(), 1U);
  EXPECT_EQ(plan.unfired()[0].text(), "any replica, step 1 that says `nowhere`: die-before");
}

TEST(Harm, IsFoundByItsNameAndRefusedAlsoWithAnySqlstate) {
  for (const Harm& harm : harms()) EXPECT_EQ(find_harm(harm.id)->words, harm.words);
  EXPECT_EQ(find_harm("refused")->sqlstate, "57014");
  EXPECT_EQ(find_harm("refused=42501")->sqlstate, "42501");
  EXPECT_EQ(find_harm("refused=08006")->id, "refused=08006");
  for (const char* none : {"", "refus", "refused=", "refused=4250", "refused=4250x", "killed=1"})
    EXPECT_FALSE(find_harm(none)) << none;
}

TEST(Sweep, HarmsEveryStepOfTheReplicaOnce) {
  core::History clean;
  clean.steps = {{.step = step(0, "a")}, {.step = step(1, "b")}, {.step = step(0, "c")}};
  const auto faults = sweep(clean, 0, {.what = What::die_after});
  ASSERT_EQ(faults.size(), 2U);
  Plan second({faults[1]});
  EXPECT_EQ(second.rule(step(0, "a")).what, What::proceed);
  EXPECT_EQ(second.rule(step(1, "b")).what, What::proceed);
  EXPECT_EQ(second.rule(step(0, "c")).what, What::die_after);
}

}  // namespace
}  // namespace gauntlet::fault
