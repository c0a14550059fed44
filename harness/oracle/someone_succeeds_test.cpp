#include "harness/oracle/oracle.h"
#include "harness/oracle/test_history.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace gauntlet::oracle {
namespace {

using core::Verdict;
using ::testing::HasSubstr;
using namespace std::chrono_literals;

core::Judgement judge_someone_succeeds(TestHistory& history) {
  return ask(oracle("someone-succeeds"), {.history = history.history(), .patience = 0s});
}

TEST(SomeoneSucceeds, HoldsWhenOneOfManyDoes) {
  EXPECT_EQ(judge_someone_succeeds(TestHistory(3).exits(0, 1).exits(1, 0).is_killed(2)).verdict,
            Verdict::holds);
}

TEST(SomeoneSucceeds, HoldsBesideOneThatWasNotSeenToEnd) {
  EXPECT_EQ(judge_someone_succeeds(TestHistory(2).exits(1, 0)).verdict, Verdict::holds);
}

TEST(SomeoneSucceeds, IsViolatedWhenAllFailAndQuotesOne) {
  const auto judgement =
      judge_someone_succeeds(TestHistory(2).exits(0, 1).exits(1, 1).says(0, "boom\n"));

  ASSERT_EQ(judgement.findings.size(), 1U);
  EXPECT_EQ(judgement.findings[0].id, "nobody-succeeded");
  EXPECT_THAT(judgement.findings[0].message, HasSubstr("none of 2 replicas succeeded"));
  EXPECT_THAT(judgement.findings[0].message,
              HasSubstr("replica 0 ended with exit 1 and said last:\nboom"));
}

TEST(SomeoneSucceeds, IsViolatedWhenAllAreStuckBeyondPatience) {
  const auto judgement = judge_someone_succeeds(TestHistory(1).is_killed(0));

  ASSERT_EQ(judgement.verdict, Verdict::violated);
  EXPECT_THAT(judgement.findings[0].message, HasSubstr("still running at its deadline"));
}

TEST(SomeoneSucceeds, IsUnknownWhenTheOnlyOneWasEndedByUs) {
  EXPECT_EQ(
      ask(oracle("someone-succeeds"), {.history = TestHistory(1).is_killed(0).history()}).verdict,
      Verdict::unknown);
}

TEST(SomeoneSucceeds, IsUnknownWhenOneWasNotSeenToEnd) {
  EXPECT_EQ(judge_someone_succeeds(TestHistory(2).exits(0, 1)).verdict, Verdict::unknown);
}

TEST(SomeoneSucceeds, IsUnknownWhenNothingWasStarted) {
  EXPECT_EQ(ask(oracle("someone-succeeds"), {}).verdict, Verdict::unknown);
}

}  // namespace
}  // namespace gauntlet::oracle
