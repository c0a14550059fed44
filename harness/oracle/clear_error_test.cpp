#include "harness/oracle/oracle.h"
#include "harness/oracle/test_history.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace gauntlet::oracle {
namespace {

using core::Verdict;
using ::testing::HasSubstr;
constexpr const char* clear =
    "applying\nerror[lock-timeout]: another runner held the lock\n  where: held by pid 7\n"
    "  fix:   end it\n";

core::Judgement judge_clear_error(TestHistory& history,
                                  const std::string& expected = "lock-timeout") {
  return ask(oracle("clear-error"), {.history = history.history(), .expected_error = expected});
}

TEST(ClearError, HoldsWhenTheFailureNamesReasonPlaceAndRemedy) {
  EXPECT_EQ(judge_clear_error(TestHistory(1).exits(0, 1).says(0, clear)).verdict, Verdict::holds);
}

TEST(ClearError, HoldsForAnyCodeWhenNoneIsAskedFor) {
  EXPECT_EQ(judge_clear_error(TestHistory(1).exits(0, 1).says(0, clear), "").verdict,
            Verdict::holds);
}

TEST(ClearError, HoldsWhenOneNamesTheReasonAndTheOthersWhoseFailureItWas) {
  EXPECT_EQ(judge_clear_error(
                TestHistory(3).exits(0, 1).exits(1, 1).exits(2, 0).says(0, clear).says(
                    1, "error[failed-elsewhere]: it failed\n  where: 1.sql\n  fix: look there\n"))
                .verdict,
            Verdict::holds);
}

TEST(ClearError, IsViolatedByAnErrorThatLacksItsRemedy) {
  const auto judgement = judge_clear_error(
      TestHistory(1).exits(0, 1).says(0, "error[lock-timeout]: no\n  where: pid 7\n  fix:  \n"));

  ASSERT_EQ(judgement.findings.size(), 1U);
  EXPECT_EQ(judgement.findings[0].id, "error-unclear");
  EXPECT_THAT(judgement.findings[0].message, HasSubstr("its error has no `fix:` line;"));
}

TEST(ClearError, IsViolatedByACrashThatSaysNothing) {
  const auto judgement = judge_clear_error(TestHistory(1).exits(0, 139), "");

  ASSERT_EQ(judgement.findings.size(), 1U);
  EXPECT_THAT(judgement.findings[0].message,
              HasSubstr("no `error[code]`, no `where:` line, no `fix:` line"));
}

TEST(ClearError, IsViolatedByAnotherReasonThanTheTrueOne) {
  const auto judgement = judge_clear_error(TestHistory(1).exits(0, 1).says(0, clear), "lock-lost");

  ASSERT_EQ(judgement.findings.size(), 1U);
  EXPECT_EQ(judgement.findings[0].id, "error-misleads");
  EXPECT_THAT(judgement.findings[0].message,
              HasSubstr("no failing replica names error[lock-lost]"));
}

TEST(ClearError, IsViolatedBySuccessWhereAFailureWasExpected) {
  EXPECT_EQ(judge_clear_error(TestHistory(1).exits(0, 0).says(0, clear)).findings.at(0).id,
            "error-swallowed");
}

TEST(ClearError, IsUnknownWhenAReplicaWasKilled) {
  EXPECT_EQ(judge_clear_error(TestHistory(1).is_killed(0).says(0, clear)).verdict,
            Verdict::unknown);
}

TEST(ClearError, IsUnknownWhenNoFailureWasExpected) {
  EXPECT_EQ(ask(oracle("clear-error"), {.history = TestHistory(1).exits(0, 0).history()}).verdict,
            Verdict::unknown);
}

}  // namespace
}  // namespace gauntlet::oracle
