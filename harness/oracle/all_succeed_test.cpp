#include "harness/oracle/oracle.h"

#include <chrono>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace gauntlet::oracle {
namespace {

using namespace std::chrono_literals;
using core::Verdict;
using ::testing::HasSubstr;
using ::testing::Not;
using Kind = core::Event::Kind;

core::Judgement judge_all_succeed(const Observation& observation) {
  return ask(oracle("all-succeed"), observation);
}

core::History exits(const std::vector<int>& codes, const std::string& said = {}) {
  core::History history{.replicas = codes.size()};
  for (std::size_t replica = 0; replica < codes.size(); ++replica) {
    history.events.push_back(
        {.kind = Kind::exited, .replica = replica, .exit_code = codes[replica]});
    history.outputs.push_back({.err = codes[replica] == 0 ? "" : said});
  }
  return history;
}

core::History killed_after(std::chrono::microseconds time) {
  return {.events = {{.kind = Kind::started, .at = 1s},
                     {.kind = Kind::released, .at = 2s},
                     {.kind = Kind::killed, .at = 2s + time, .signal = 9}},
          .outputs = {{}},
          .replicas = 1};
}

TEST(AllSucceed, HoldsWhenEveryReplicaExitsWithZero) {
  EXPECT_EQ(judge_all_succeed({.history = exits({0, 0, 0})}).verdict, Verdict::holds);
}

TEST(AllSucceed, HoldsWithACodeThatMeansAnotherOneDidIt) {
  EXPECT_EQ(judge_all_succeed({.history = exits({0, 7}), .success_codes = {0, 7}}).verdict,
            Verdict::holds);
}

TEST(AllSucceed, IsViolatedByAReplicaThatFailsAndSaysWhichAndWhatItSaidLast) {
  const auto judgement =
      judge_all_succeed({.history = exits({0, 3}, "first\n\nrelation \"a\" exists\n")});

  ASSERT_EQ(judgement.verdict, Verdict::violated);
  EXPECT_EQ(judgement.findings[0].id, "replica-failed");
  EXPECT_EQ(judgement.findings[0].message,
            "replica 1 of 2 ended with exit 3; it said last:\nfirst\n\nrelation \"a\" exists");
}

TEST(AllSucceed, TellsOfReplicasThatFailedAlikeInOneFinding) {
  core::History history = exits({1, 1, 0, 2}, "boom");
  history.outputs[0].err = "pid 4711: boom";
  history.outputs[1].err = "pid 12: boom";

  const auto judgement = judge_all_succeed({.history = history});

  ASSERT_EQ(judgement.findings.size(), 2U);
  EXPECT_THAT(judgement.findings[0].message,
              HasSubstr("2 of 4 replicas ended with exit 1: replicas 0, 1"));
  EXPECT_THAT(judgement.findings[1].message, HasSubstr("replica 3 of 4 ended with exit 2"));
}

TEST(AllSucceed, ShowsOnlyTheLastLinesOfALongOutput) {
  std::string said;
  for (int line = 1; line <= 50; ++line) said += "line " + std::to_string(line) + "\n";

  const auto judgement = judge_all_succeed({.history = exits({1}, said)});

  ASSERT_EQ(judgement.findings.size(), 1U);
  EXPECT_THAT(judgement.findings[0].message, HasSubstr("\nline 45\n"));
  EXPECT_THAT(judgement.findings[0].message, Not(HasSubstr("line 44\n")));
}

TEST(AllSucceed, ShowsStandardOutputWhenStandardErrorIsEmpty) {
  core::History history = exits({1}, " \n");
  history.outputs[0].out = "no such table";

  EXPECT_THAT(judge_all_succeed({.history = history}).findings[0].message,
              HasSubstr("no such table"));
}

TEST(AllSucceed, IsViolatedByAReplicaThatASignalEnded) {
  const core::History history = {
      .events = {{.kind = Kind::exited, .signal = 11}}, .outputs = {{}}, .replicas = 1};

  const auto judgement = judge_all_succeed({.history = history});

  ASSERT_EQ(judgement.verdict, Verdict::violated);
  EXPECT_THAT(judgement.findings[0].message, HasSubstr("was ended by signal 11"));
}

TEST(AllSucceed, IsViolatedByAReplicaThatIsStuckBeyondPatience) {
  const auto judgement = judge_all_succeed({.history = killed_after(60s), .patience = 10s});

  ASSERT_EQ(judgement.verdict, Verdict::violated);
  EXPECT_EQ(judgement.findings[0].id, "replica-stuck");
}

TEST(AllSucceed, IsUnknownForAReplicaThatMayOnlyBeSlow) {
  EXPECT_EQ(judge_all_succeed({.history = killed_after(9s), .patience = 10s}).verdict,
            Verdict::unknown);
}

TEST(AllSucceed, IsUnknownForAKilledReplicaWithoutAMeasureOfPatience) {
  EXPECT_EQ(judge_all_succeed({.history = killed_after(9s)}).verdict, Verdict::unknown);
}

TEST(AllSucceed, IsUnknownForAReplicaThatWasNotSeenToEnd) {
  core::History history = exits({0});
  history.replicas = 2;

  const auto judgement = judge_all_succeed({.history = history});

  EXPECT_EQ(judgement.verdict, Verdict::unknown);
  EXPECT_EQ(judgement.reason, "replica 1 was not seen to end");
}

TEST(AllSucceed, IsUnknownWhenNothingWasStarted) {
  EXPECT_EQ(judge_all_succeed({}).verdict, Verdict::unknown);
}

TEST(AllSucceed, IsViolatedWhenOneFailsBesideOneThatIsUnknown) {
  core::History history = exits({1});
  history.replicas = 2;

  EXPECT_EQ(judge_all_succeed({.history = history}).verdict, Verdict::violated);
}

}  // namespace
}  // namespace gauntlet::oracle
