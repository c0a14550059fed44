#include "harness/oracle/oracle.h"
#include "harness/oracle/test_history.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace gauntlet::oracle {
namespace {

using core::Verdict;
using ::testing::HasSubstr;
core::Snapshot complete_snapshot() {
  return {.catalogue = core::Catalogue{{"table public.a", "x"}},
          .data = core::Data{},
          .sequences = core::Sequences{{"public.s", "1 (called)"}}};
}

core::Judgement judge_nothing_written(TestHistory& history,
                                      const core::Snapshot& after = complete_snapshot()) {
  return ask(oracle("nothing-written"),
             {.history = history.history(), .before = complete_snapshot(), .after = after});
}

TEST(NothingWritten, HoldsForACommandThatOnlyReads) {
  EXPECT_EQ(judge_nothing_written(TestHistory(1)
                                      .asks(first_session, "SELECT version FROM t", "1")
                                      .asks(first_session, "SELECT pg_try_advisory_lock(1)", "f"))
                .verdict,
            Verdict::holds);
}

TEST(NothingWritten, IsViolatedByAChangeThatOnlyTheSnapshotsShow) {
  core::Snapshot after = complete_snapshot();
  (*after.sequences)["public.s"] = "2 (called)";
  TestHistory history(1);

  const auto judgement = judge_nothing_written(history, after);

  ASSERT_EQ(judgement.findings.size(), 1U);
  EXPECT_EQ(judgement.findings[0].id, "read-only-wrote");
  EXPECT_THAT(judgement.findings[0].message, HasSubstr("public.s\n  - 1 (called)\n  + 2 (called)"));
}

TEST(NothingWritten, IsViolatedByAWriteThatItTookBackAgain) {
  const auto judgement =
      judge_nothing_written(TestHistory(1)
                                .does(first_session, "CREATE TABLE t(x int)", "CREATE TABLE")
                                .does(first_session, "ROLLBACK", "ROLLBACK"));

  ASSERT_EQ(judgement.findings.size(), 1U);
  EXPECT_THAT(judgement.findings[0].message,
              HasSubstr("session 0 of replica 0 did `CREATE TABLE t(x int)`"));
}

TEST(NothingWritten, IsViolatedByAWaitForTheLock) {
  const auto judgement =
      judge_nothing_written(TestHistory(1).asks(first_session, "SELECT pg_advisory_lock(1)", ""));

  ASSERT_EQ(judgement.findings.size(), 1U);
  EXPECT_EQ(judgement.findings[0].id, "read-only-waited");
}

TEST(NothingWritten, IsViolatedByAWaitForANotification) {
  TestHistory history(1);
  history.sends(first_session, "").history().steps[0].step.kind = core::Step::Kind::wait;

  EXPECT_EQ(judge_nothing_written(history).findings.at(0).id, "read-only-waited");
}

TEST(NothingWritten, IsUnknownWithoutALookBefore) {
  EXPECT_EQ(ask(oracle("nothing-written"), {.after = complete_snapshot()}).verdict,
            Verdict::unknown);
}

}  // namespace
}  // namespace gauntlet::oracle
