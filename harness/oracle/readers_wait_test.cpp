#include "harness/oracle/oracle.h"
#include "harness/oracle/test_history.h"

#include <algorithm>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace gauntlet::oracle {
namespace {

using ::testing::HasSubstr;

core::Judgement judged(std::chrono::milliseconds longest) {
  TestHistory history(1);
  history.opens(first_session, 77);
  const auto oracle = std::ranges::find(standing_oracles(), "readers-wait", &Oracle::id);
  return ask(*oracle,
             {.history = history.history(),
              .table_waits = {{.backend_pid = 77, .table = "orders", .longest = longest}}});
}

TEST(ReadersWait, IsViolatedByAWaitWithoutBound) {
  const core::Judgement judgement = judged(std::chrono::milliseconds(2'900));
  ASSERT_EQ(judgement.verdict, core::Verdict::violated);
  EXPECT_EQ(judgement.findings[0].id, "readers-wait");
  EXPECT_THAT(judgement.findings[0].message, HasSubstr("replica 0 waited 2.9 s"));
  EXPECT_THAT(judgement.findings[0].fix, HasSubstr("lock_timeout"));
}

TEST(ReadersWait, SaysNothingOfAWaitThatIsGivenUpOrWasNotSeen) {
  EXPECT_EQ(judged(std::chrono::milliseconds(1'050)).verdict, core::Verdict::nothing_judged);
  const auto oracle = std::ranges::find(standing_oracles(), "readers-wait", &Oracle::id);
  EXPECT_EQ(ask(*oracle, {}).verdict, core::Verdict::nothing_judged);
}

}  // namespace
}  // namespace gauntlet::oracle
