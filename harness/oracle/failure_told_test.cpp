#include "harness/oracle/oracle.h"
#include "harness/oracle/test_history.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace gauntlet::oracle {
namespace {

using core::Verdict;
using ::testing::HasSubstr;

core::Judgement judge_failure_told(TestHistory& history, std::vector<int> success_codes = {0}) {
  return ask(oracle("failure-told"), {.history = history.history(),
                                      .expected_error = "",
                                      .success_codes = std::move(success_codes)});
}

TEST(FailureTold, HoldsInAnyWordsWhenEveryReplicaFails) {
  EXPECT_EQ(judge_failure_told(TestHistory(2).exits(0, 1).exits(1, 139)).verdict, Verdict::holds);
}

TEST(FailureTold, IsViolatedByOneThatReportsSuccess) {
  const auto judgement = judge_failure_told(TestHistory(2).exits(0, 1).exits(1, 0));

  ASSERT_EQ(judgement.findings.size(), 1U);
  EXPECT_EQ(judgement.findings[0].id, "error-swallowed");
  EXPECT_THAT(judgement.findings[0].message, HasSubstr("1 of 2 replicas report success where a "
                                                       "migration fails: 1;"));
}

TEST(FailureTold, IsViolatedByACodeThatMeansSuccess) {
  EXPECT_EQ(judge_failure_told(TestHistory(1).exits(0, 3), {0, 3}).verdict, Verdict::violated);
}

TEST(FailureTold, IsUnknownWhenAReplicaWasEndedByUsOrNoneWasToFail) {
  EXPECT_EQ(judge_failure_told(TestHistory(1).is_killed(0)).verdict, Verdict::unknown);
  EXPECT_EQ(ask(oracle("failure-told"), {.history = TestHistory(1).exits(0, 0).history()}).verdict,
            Verdict::unknown);
}

}  // namespace
}  // namespace gauntlet::oracle
