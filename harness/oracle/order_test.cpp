#include "harness/oracle/oracle.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace gauntlet::oracle {
namespace {

using core::Verdict;
using ::testing::HasSubstr;
core::Judgement judge_order(const std::vector<std::int64_t>& journal, std::size_t before = 0) {
  return ask(oracle("order"), {.journal = journal, .journal_before = before});
}

TEST(Order, HoldsWhenVersionsAscend) { EXPECT_EQ(judge_order({1, 2, 10}).verdict, Verdict::holds); }

TEST(Order, LeavesARepetitionToAnotherOracle) {
  EXPECT_EQ(judge_order({1, 1, 2}).verdict, Verdict::holds);
}

TEST(Order, IsViolatedByALexicalOrder) {
  const auto judgement = judge_order({1, 10, 2});

  ASSERT_EQ(judgement.verdict, Verdict::violated);
  EXPECT_EQ(judgement.findings[0].id, "out-of-order");
  EXPECT_THAT(judgement.findings[0].message,
              HasSubstr("migration 2 took effect after migration 10"));
}

TEST(Order, TellsOnceWhatHappenedManyTimes) {
  const auto judgement = judge_order({1, 2, 10, 2, 10, 3, 10, 2});
  ASSERT_EQ(judgement.findings.size(), 2U);
  EXPECT_THAT(judgement.findings[0].message,
              HasSubstr("migration 2 took effect after migration 10, 2 times;"));
  EXPECT_THAT(judgement.findings[1].message,
              HasSubstr("migration 3 took effect after migration 10; a body"));
}

TEST(Order, JudgesThisRunAloneSoThatAGapMayBeFilledLater) {
  EXPECT_EQ(judge_order({1, 2, 4, 3}, 3).verdict, Verdict::holds);
}

TEST(Order, IsUnknownWhenNoBodyRan) { EXPECT_EQ(judge_order({1, 2}, 2).verdict, Verdict::unknown); }

TEST(Order, IsUnknownWhenTheJournalLostRows) {
  EXPECT_EQ(judge_order({1}, 2).verdict, Verdict::unknown);
}

TEST(Order, IsUnknownWhenTheJournalWasNotRead) {
  EXPECT_EQ(ask(oracle("order"), {}).verdict, Verdict::unknown);
}

}  // namespace
}  // namespace gauntlet::oracle
