#include "harness/oracle/oracle.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace gauntlet::oracle {
namespace {

using core::Verdict;
using ::testing::HasSubstr;

core::Judgement judge_atomic(const std::vector<std::int64_t>& journal, std::size_t before) {
  return ask(oracle("atomic"),
             {.journal = journal, .journal_before = before, .expected_error = ""});
}

TEST(Atomic, HoldsWhenTheJournalIsAsItWasBefore) {
  EXPECT_EQ(judge_atomic({1, 2, 3}, 3).verdict, Verdict::holds);
}

TEST(Atomic, IsViolatedByWhatAFailingBodyHadDoneUntilThen) {
  const auto judgement = judge_atomic({1, 2, 3, 4}, 3);

  ASSERT_EQ(judgement.findings.size(), 1U);
  EXPECT_EQ(judgement.findings[0].id, "half-applied");
  EXPECT_EQ(judgement.findings[0].where.version, 4);
  EXPECT_THAT(judgement.findings[0].message, HasSubstr("migration 4 failed"));
}

TEST(Atomic, IsUnknownWithoutAJournalOrWhereNothingIsToFail) {
  EXPECT_EQ(ask(oracle("atomic"), {.expected_error = ""}).verdict, Verdict::unknown);
  EXPECT_EQ(ask(oracle("atomic"), {.journal = {{1}}}).verdict, Verdict::unknown);
}

}  // namespace
}  // namespace gauntlet::oracle
