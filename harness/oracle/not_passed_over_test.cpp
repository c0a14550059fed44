#include "harness/oracle/oracle.h"
#include "harness/oracle/test_history.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace gauntlet::oracle {
namespace {

using core::Event;
using core::Verdict;

struct PassingReplica {
  int exit_code = 0;
  std::string said = {};
};

core::History passing_history(const std::vector<PassingReplica>& replicas) {
  core::History history{.replicas = replicas.size()};
  for (std::size_t replica = 0; replica < replicas.size(); ++replica) {
    history.events.push_back({.kind = Event::Kind::exited,
                              .replica = replica,
                              .exit_code = replicas[replica].exit_code});
    history.outputs.push_back({.err = replicas[replica].said});
  }
  return history;
}

core::Judgement judge_passing(core::History history) {
  return ask(oracle("not-passed-over"),
             {.history = std::move(history), .expected_warning = "next_step"});
}

TEST(NotPassedOver, HoldsForARefusalAndForAWarning) {
  EXPECT_EQ(judge_passing(passing_history({{1, "no"}, {0, "next_step.sql is left out"}})).verdict,
            Verdict::holds);
}

TEST(NotPassedOver, HoldsWhereTheFileWasRun) {
  core::History history = passing_history({{}, {}});
  history.steps.push_back({.step = {.sql = "CREATE TABLE next_step (x int)"}});
  EXPECT_EQ(judge_passing(history).verdict, Verdict::holds);
}

TEST(NotPassedOver, IsViolatedByASuccessThatSaysNothingOfIt) {
  const auto judgement = judge_passing(passing_history({{0, "done"}, {1, "no"}}));
  ASSERT_EQ(judgement.verdict, Verdict::violated);
  EXPECT_EQ(judgement.findings[0].id, "passed-over-in-silence");
  EXPECT_THAT(judgement.findings[0].message, testing::HasSubstr("1 of 2 replicas"));
}

TEST(NotPassedOver, IsUnknownWhereNobodyWasSeenToEnd) {
  core::History history = passing_history({{}});
  history.events.clear();
  EXPECT_EQ(judge_passing(history).verdict, Verdict::unknown);
  EXPECT_EQ(judge_passing({}).verdict, Verdict::unknown);
}

}  // namespace
}  // namespace gauntlet::oracle
