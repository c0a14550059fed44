#include "harness/oracle/oracle.h"

#include <algorithm>
#include <stdexcept>

#include <gtest/gtest.h>

namespace gauntlet::oracle {
namespace {

TEST(Oracles, AreListedById) {
  EXPECT_EQ(oracles().size(), 24U);
  EXPECT_TRUE(std::is_sorted(oracles().begin(), oracles().end(),
                             [](const Oracle& a, const Oracle& b) { return a.id < b.id; }));
}

TEST(Oracles, AreAllUnknownWhenNothingWasObserved) {
  for (const Oracle& oracle : oracles()) {
    SCOPED_TRACE(oracle.id);
    const core::Judgement judgement = ask(oracle, {});
    EXPECT_EQ(judgement.verdict, core::Verdict::unknown);
    EXPECT_FALSE(judgement.reason.empty());
  }
}

TEST(StandingOracles, NeverSayThatSomethingHolds) {
  for (const Oracle& oracle : standing_oracles()) {
    SCOPED_TRACE(oracle.id);
    EXPECT_EQ(ask(oracle, {}).verdict, core::Verdict::nothing_judged);
  }
}

TEST(Ask, NamesTheOracleInEachFinding) {
  const Oracle accusing = {"accusing", "always",
                           [](const Observation&) { return core::judged({{.id = "bad"}}); }};
  EXPECT_EQ(ask(accusing, {}).findings.front().oracle, "accusing");
}

TEST(Ask, TakesAnExceptionForUnknown) {
  const Oracle throwing = {"throwing", "never", [](const Observation&) -> core::Judgement {
                             throw std::runtime_error("out of its depth");
                           }};

  const core::Judgement judgement = ask(throwing, {});

  EXPECT_EQ(judgement.verdict, core::Verdict::unknown);
  EXPECT_EQ(judgement.reason, "the oracle throwing could not decide: out of its depth");
}

}  // namespace
}  // namespace gauntlet::oracle
