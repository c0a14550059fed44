#include "harness/run/redundant.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace gauntlet::run {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::Not;

TEST(RedundantOracles, AreThoseThatNeverKillAlone) {
  const auto redundant =
      redundant_oracles({{"pinned"}, {"all-succeed", "applied-once"}, {"applied-once"}});
  EXPECT_THAT(redundant, Not(Contains("pinned")));
  EXPECT_THAT(redundant, Not(Contains("applied-once")));
  EXPECT_THAT(redundant, Contains("all-succeed"));
  EXPECT_THAT(redundant, Contains("error-masked"));
}

TEST(RedundantOracles, CountOnlyFindingsThatTheMutantDeclares) {
  const mutant::Mutant mutant{
      .name = "m", .flaw = "f", .killed_by = {}, .findings = {"not-pinned"}};
  const core::Judgement judgement =
      core::judged({{.id = "not-pinned", .oracle = "pinned"},
                    {.id = "replica-failed", .oracle = "all-succeed"}});
  EXPECT_THAT(killers_of(mutant, judgement), ElementsAre("pinned"));
}

}  // namespace
}  // namespace gauntlet::run
