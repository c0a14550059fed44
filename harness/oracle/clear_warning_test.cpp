#include "harness/oracle/oracle.h"
#include "harness/oracle/test_history.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace gauntlet::oracle {
namespace {

using core::Verdict;
using ::testing::HasSubstr;

core::Judgement judge_clear_warning(const std::vector<core::ReplicaOutput>& outputs) {
  const core::History history{.outputs = outputs, .replicas = outputs.size()};
  return ask(oracle("clear-warning"), {.history = history, .expected_warning = "004_x_up.sql"});
}

TEST(ClearWarning, HoldsWhenEveryReplicaNamesIt) {
  EXPECT_EQ(
      judge_clear_warning({{.out = "`004_x_up.sql` is not read"}, {.err = "see 004_x_up.sql"}})
          .verdict,
      Verdict::holds);
}

TEST(ClearWarning, IsViolatedByOneThatSaysNothingOfIt) {
  const auto judgement =
      judge_clear_warning({{.out = "`004_x_up.sql` is not read"}, {.err = "all is well"}});
  ASSERT_EQ(judgement.verdict, Verdict::violated);
  EXPECT_EQ(judgement.findings[0].id, "passed-over-in-silence");
  EXPECT_THAT(judgement.findings[0].message, HasSubstr("1 of 2 replicas"));
}

TEST(ClearWarning, IsUnknownWithoutReplicas) {
  EXPECT_EQ(judge_clear_warning({}).verdict, Verdict::unknown);
}

TEST(ClearWarning, IsUnknownWhereNothingIsToBeToldOf) {
  EXPECT_EQ(ask(oracle("clear-warning"), {}).verdict, Verdict::unknown);
}

}  // namespace
}  // namespace gauntlet::oracle
