#include "harness/explore/schedule.h"

#include "harness/explore/replay.h"
#include "runner/values/error.h"

#include <gtest/gtest.h>

namespace gauntlet::explore {
namespace {

using What = Option::What;

Schedule sample() {
  return {.subject = "mutant lock-is-noop",
          .scenario = "concurrency/pending",
          .stage = "deploy",
          .replicas = 2,
          .lock = "notify",
          .first_files = 3,
          .server = "15.20",
          .verdict = "violated",
          .findings = {"replica-failed", "data-differs"},
          .files = {{.name = "001_a.up.sql", .text = "CREATE TABLE a(x int);\n\n| odd\n"}},
          .steps = {{.choice = {.session = {0, 0}, .fingerprint = 0x12ab}, .text = "BEGIN"},
                    {.choice = {.session = {1, 2}, .what = What::wait, .fingerprint = 7},
                     .text = "(waits for a notification)",
                     .is_preemption = true},
                    {.choice = {.session = {0, 0},
                                .what = What::overlap,
                                .fingerprint = 8,
                                .beside = core::SessionId{1, 2},
                                .beside_fingerprint = 9},
                     .text = "INSERT || INSERT",
                     .is_preemption = true}}};
}

TEST(Schedule, IsReadBackWhole) {
  const Schedule wanted = sample(), read = read_schedule(to_text(sample()));
  EXPECT_EQ(read.subject, wanted.subject);
  EXPECT_EQ(read.scenario, wanted.scenario);
  EXPECT_EQ(read.stage, wanted.stage);
  EXPECT_EQ(read.replicas, wanted.replicas);
  EXPECT_EQ(read.lock, wanted.lock);
  EXPECT_EQ(read.first_files, wanted.first_files);
  EXPECT_EQ(read.findings, wanted.findings);
  EXPECT_EQ(read.files, wanted.files);
  EXPECT_EQ(read.steps, wanted.steps);
  EXPECT_EQ(to_text(read), to_text(wanted));
}

std::string refusal_of(const std::string& text) {
  try {
    read_schedule(text);
  } catch (const runner::Error& error) {
    return error.what();
  }
  return {};
}

TEST(Schedule, NamesTheLineThatIsWrong) {
  EXPECT_NE(refusal_of("gauntlet history\n").find("line 1"), std::string::npos);
  EXPECT_NE(refusal_of("gauntlet schedule 1\ncolour red\n").find("line 2"), std::string::npos);
  EXPECT_NE(refusal_of("gauntlet schedule 1\nreplicas 2\nsteps\n1 0.0 step 0 x\n3 0.0 step 0 x\n")
                .find("line 5"),
            std::string::npos);
  EXPECT_NE(refusal_of("gauntlet schedule 1\nsteps\n1 9.0 step 0 x\n").find("counted from 0"),
            std::string::npos);
  EXPECT_NE(refusal_of("gauntlet schedule 1\n").find("no steps"), std::string::npos);
}

Point point_of(std::uint64_t first, std::uint64_t second) {
  return {
      .options = {{.session = {0, 0}, .text = "one", .fingerprint = first},
                  {.session = {1, 2}, .what = What::wait, .text = "two", .fingerprint = second}}};
}

std::vector<Schedule::Step> without_overlap() {
  std::vector<Schedule::Step> steps = sample().steps;
  steps.pop_back();
  return steps;
}

TEST(Replay, FollowsTheStepsToTheEnd) {
  Replay replay(without_overlap(), 1);
  ASSERT_TRUE(replay.begin());
  EXPECT_EQ(replay.choose(point_of(0x12ab, 7)), 0U);
  EXPECT_EQ(replay.choose(point_of(0x99, 7)), 1U);
  replay.end({});
  EXPECT_EQ(replay.divergence(), "");
  EXPECT_FALSE(replay.begin());
}

TEST(Replay, ReportsTheStepAtWhichTheRunIsAnother) {
  Replay replay(sample().steps, 1);
  replay.begin();
  replay.choose(point_of(0x99, 7));
  EXPECT_EQ(replay.divergence(),
            "diverged at step 1: expected replica 0: BEGIN, saw replica 0: one");
}

TEST(Replay, FollowsOtherWordsIfLabelsAreIgnored) {
  Replay replay(without_overlap(), 1, Replay::Labels::ignored);
  replay.begin();
  EXPECT_EQ(replay.choose(point_of(0x99, 8)), 0U);
  EXPECT_EQ(replay.choose(point_of(0x99, 8)), 1U);
  replay.end({});
  EXPECT_EQ(replay.divergence(), "");
}

TEST(Replay, ReportsARunThatEndsTooEarlyOrTooLate) {
  Replay early(sample().steps, 1);
  early.begin();
  early.choose(point_of(0x12ab, 7));
  early.end({});
  EXPECT_NE(early.divergence().find("saw the end of the run"), std::string::npos);
  Replay late(without_overlap(), 1);
  late.begin();
  for (int step = 0; step < 3; ++step) late.choose(point_of(0x12ab, 7));
  EXPECT_NE(late.divergence().find("expected the end of the run"), std::string::npos);
}

// Which of the two went on first is the server's choice.
TEST(Replay, PassesOverWhatIsNotThereAfterAnOverlap) {
  const auto step = [](std::size_t replica, std::uint64_t fingerprint) {
    return Schedule::Step{.choice = {.session = {replica, 0}, .fingerprint = fingerprint}};
  };
  const Option both{.session = {0, 0},
                    .what = What::overlap,
                    .fingerprint = 1,
                    .beside = Option::Beside{.session = {1, 0}, .fingerprint = 2}};
  Replay replay({{.choice = choice_of(both)}, step(0, 3), step(1, 4)}, 1);
  replay.begin();
  EXPECT_EQ(replay.choose({.options = {both}}), 0U);
  EXPECT_EQ(replay.choose({.options = {{.session = {0, 0}, .fingerprint = 5},
                                       {.session = {1, 0}, .fingerprint = 4}}}),
            1U);
  EXPECT_EQ(replay.choose({.options = {{.session = {1, 0}, .fingerprint = 6},
                                       {.session = {0, 0}, .fingerprint = 3}}}),
            1U);
  replay.end({});
  EXPECT_EQ(replay.divergence(), "");
}

}  // namespace
}  // namespace gauntlet::explore
