#include "harness/cli/vacuous_scenarios.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace gauntlet::cli {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

core::Result told(const core::Judgement& judgement) {
  core::Result result{.judgement = core::judged({})};
  add_outcome_with_mutant(result, "concurrency/pending", "lock-is-noop", judgement);
  return result;
}

TEST(VacuousScenario, IsOneThatHoldsAlthoughTheRunnerHasTheFlaw) {
  const core::Result result = told(core::judged({}));
  ASSERT_EQ(result.judgement.findings.size(), 1U);
  EXPECT_EQ(result.judgement.findings.front().id, "vacuous-scenario");
  EXPECT_EQ(result.judgement.findings.front().severity, core::Severity::warning);
  EXPECT_THAT(result.notes, ElementsAre("vacuous for this runner: concurrency/pending"));
}

TEST(VacuousScenario, IsNotOneThatKillsTheMutantOrCouldNotTell) {
  const core::Result killed = told(core::judged({{.id = "applied-twice"}}));
  EXPECT_TRUE(killed.judgement.findings.empty());
  EXPECT_THAT(killed.notes, ElementsAre("killed by concurrency/pending: applied-twice"));
  const core::Result unknown = told(core::unknown("no server"));
  EXPECT_TRUE(unknown.judgement.findings.empty());
  EXPECT_THAT(unknown.notes.at(0), HasSubstr("could not tell: no server"));
}

}  // namespace
}  // namespace gauntlet::cli
