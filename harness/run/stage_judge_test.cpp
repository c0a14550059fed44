#include "harness/run/stage_judge.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace gauntlet::run {
namespace {

using core::Verdict;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using Kind = core::Event::Kind;

core::History exits(const std::vector<int>& codes, const std::string& said = {}) {
  core::History history{.replicas = codes.size()};
  for (std::size_t replica = 0; replica < codes.size(); ++replica) {
    history.events.push_back(
        {.kind = Kind::exited, .replica = replica, .exit_code = codes[replica]});
    history.outputs.push_back({.err = codes[replica] == 0 ? "" : said});
  }
  return history;
}

const StageSeen all_met{.history = {}, .gathered = 2, .wanted = 2};

StageJudgement judged(const scenario::Stage& stage, const oracle::Observation& seen,
                      const ShownAlone* alone = nullptr, const oracle::World& world = {}) {
  return judge_stage({.stage = stage,
                      .seen = seen,
                      .run = all_met,
                      .is_program = true,
                      .alone = alone,
                      .world = world});
}

// Every oracle of the catalogue's stages dropped: nothing is left that could say `holds`.
TEST(StageJudgement, WithoutOraclesIsNoPass) {
  const StageJudgement judgement =
      judged({.name = "deploy", .oracles = {}}, {.history = exits({0, 0})});
  EXPECT_EQ(judgement.judgement.verdict, Verdict::nothing_judged);
  EXPECT_EQ(core::settled(judgement.judgement).verdict, Verdict::unknown);
}

TEST(StageJudgement, WithASkippedOracleAloneIsNoPass) {
  const StageJudgement judgement =
      judged({.name = "deploy", .oracles = {"mutual-exclusion"}}, {.history = exits({0, 0})});
  EXPECT_EQ(core::settled(judgement.judgement).verdict, Verdict::unknown);
  ASSERT_EQ(judgement.skipped.size(), 1U);
  EXPECT_EQ(judgement.skipped[0].id, "mutual-exclusion");
  EXPECT_EQ(judgement.skipped[0].stage, "deploy");
  EXPECT_EQ(judgement.skipped[0].verdict, Verdict::not_applicable);
  EXPECT_EQ(judgement.skipped[0].reason, "no advisory lock of this runner was seen");
}

TEST(StageJudgement, HoldsWhereAnotherOracleSaysSoBesideASkippedOne) {
  const StageJudgement judgement =
      judged({.name = "deploy", .oracles = {"pinned", "all-succeed"}}, {.history = exits({0, 0})});
  EXPECT_EQ(judgement.judgement.verdict, Verdict::holds);
  EXPECT_EQ(judgement.skipped.size(), 1U);
}

TEST(StageJudgement, IsUnknownWhereTheProgramShowedAloneWhatTheRaceDoesNot) {
  const ShownAlone locks{.took_lock = true, .held_lock = true};
  const StageJudgement judgement =
      judged({.name = "deploy", .oracles = {"mutual-exclusion", "all-succeed"}},
             {.history = exits({0, 0})}, &locks);
  EXPECT_EQ(judgement.judgement.verdict, Verdict::unknown);
  EXPECT_EQ(judgement.skipped[0].verdict, Verdict::unknown);
  EXPECT_THAT(judgement.judgement.reason, HasSubstr("skipped mutual-exclusion"));
}

TEST(StageJudgement, SkipsATrackerThatNobodyKnowsAndNotOneThatIsNotThere) {
  const scenario::Stage stage{.name = "deploy", .oracles = {"set-equality"}};
  oracle::Observation seen{.history = exits({0, 0}),
                           .on_disk = {{.version = 1}},
                           .applied_missing = "no table of a known migration tool was found"};
  EXPECT_EQ(judged(stage, seen).skipped.size(), 1U);
  seen.tracker_is_absent = true;
  const StageJudgement absent = judged(stage, seen);
  EXPECT_THAT(absent.skipped, IsEmpty());
  ASSERT_EQ(absent.judgement.verdict, Verdict::violated);
  EXPECT_EQ(absent.judgement.findings[0].id, "not-applied");
}

TEST(StageJudgement, TellsOfAStandingOraclesEvidenceOnce) {
  const scenario::Stage stage{.name = "deploy", .oracles = {"all-succeed", "disk-is-recorded"}};
  const oracle::Observation seen{
      .history = exits({0, 0}),
      .on_disk = {{.version = 1}},
      .applied = core::Applied{.tracker = "public.t"},
      .files = {{.version = 1, .name = "1_a.up.sql", .sql = "CREATE TABLE a()"}},
      .all_apply = true};
  const StageJudgement judgement = judged(stage, seen);
  EXPECT_EQ(judgement.judgement.verdict, Verdict::violated);
  EXPECT_EQ(judgement.judgement.findings.size(), 2U);
}

TEST(StageJudgement, IsUnknownForAFaultOfTheEnvironmentAndViolatedForALeak) {
  const scenario::Stage stage{.name = "deploy", .oracles = {"all-succeed"}};
  const oracle::Observation seen{.history =
                                     exits({0, 1}, "FATAL:  sorry, too many clients already")};
  const StageJudgement crowded =
      judged(stage, seen, nullptr, {.replicas = 16, .sessions_allowed = 12, .sessions_of_one = 1});
  EXPECT_EQ(crowded.judgement.verdict, Verdict::unknown);
  EXPECT_EQ(crowded.judgement.reason,
            "the server allows 12 sessions and 16 replicas were asked for: --replicas 12, or raise "
            "max_connections");
  const StageJudgement leaking =
      judged(stage, seen, nullptr, {.replicas = 2, .sessions_allowed = 97, .sessions_of_one = 1});
  ASSERT_EQ(leaking.judgement.verdict, Verdict::violated);
  EXPECT_THAT(leaking.judgement.findings[0].message, HasSubstr("leaks sessions"));
}

}  // namespace
}  // namespace gauntlet::run
