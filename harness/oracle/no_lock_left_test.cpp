#include "harness/oracle/oracle.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace gauntlet::oracle {
namespace {

using core::Verdict;
using ::testing::HasSubstr;

core::Judgement judge_no_lock_left(const core::Leftovers& leftovers) {
  return ask(oracle("no-lock-left"), {.after = core::Snapshot{.leftovers = leftovers}});
}

TEST(NoLockLeft, HoldsWhenNothingIsLeft) {
  EXPECT_EQ(judge_no_lock_left({}).verdict, Verdict::holds);
}

TEST(NoLockLeft, IsViolatedByAnAdvisoryLock) {
  const auto judgement = judge_no_lock_left({.advisory_locks = {"key 42 by session 17"}});

  ASSERT_EQ(judgement.verdict, Verdict::violated);
  EXPECT_EQ(judgement.findings[0].id, "lock-leaked");
  EXPECT_THAT(judgement.findings[0].message, HasSubstr("key 42 by session 17"));
}

TEST(NoLockLeft, IsViolatedByAnOpenTransaction) {
  EXPECT_EQ(judge_no_lock_left({.open_transactions = {"session 17"}}).findings.at(0).id,
            "transaction-left-open");
}

TEST(NoLockLeft, IsViolatedByARunningStatement) {
  EXPECT_EQ(judge_no_lock_left({.running_statements = {"session 17"}}).findings.at(0).id,
            "statement-outlives-client");
}

TEST(NoLockLeft, IsUnknownWhenLocksCouldNotBeRead) {
  const auto judgement =
      ask(oracle("no-lock-left"), {.after = core::Snapshot{.missing = "server gone"}});

  EXPECT_EQ(judgement.verdict, Verdict::unknown);
  EXPECT_THAT(judgement.reason, HasSubstr("server gone"));
}

TEST(NoLockLeft, IsUnknownWhenNobodyLooked) {
  EXPECT_EQ(ask(oracle("no-lock-left"), {}).verdict, Verdict::unknown);
}

}  // namespace
}  // namespace gauntlet::oracle
