#include "harness/scenario/own_files.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace gauntlet::scenario {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

std::vector<std::string> names_of(const Stage& stage) {
  std::vector<std::string> names;
  for (const File& file : stage.files) names.push_back(file.name);
  return names;
}

const std::vector<Migration> mine = {
    {{"1_a.up.sql", ""}, {"1_a.down.sql", ""}}, {{"2_b.up.sql", ""}}, {{"3_c.up.sql", ""}}};

Scenario scenario_of(std::vector<Stage> stages) {
  return {.id = "a/b",
          .claim = "it holds",
          .why = "or not",
          .stages = std::move(stages),
          .fixture = Fixture::replaceable};
}

TEST(OwnFiles, AllJoinTheOnlyStageWithFiles) {
  const Replaced replaced =
      with_files(scenario_of({{.name = "deploy",
                               .files = {{"x", ""}},
                               .oracles = {"all-succeed", "applied-once", "order"}},
                              {.name = "restart", .oracles = {"idempotent", "order"}}}),
                 mine);
  EXPECT_EQ(replaced.objection, "");
  const std::vector<Stage>& stages = replaced.scenario.stages;
  EXPECT_THAT(names_of(stages[0]),
              ElementsAre("1_a.up.sql", "1_a.down.sql", "2_b.up.sql", "3_c.up.sql"));
  EXPECT_THAT(names_of(stages[1]), IsEmpty());
  EXPECT_THAT(stages[0].oracles, ElementsAre("all-succeed", "data-equals-serial"));
  EXPECT_THAT(stages[1].oracles, ElementsAre("idempotent"));
}

TEST(OwnFiles, OfTwoReleasesTheFirstHasTheFirstMigration) {
  const Scenario two = scenario_of({{.name = "first release", .files = {{"x", ""}}},
                                    {.name = "second release", .files = {{"y", ""}}}});
  const Replaced replaced = with_files(two, mine);
  EXPECT_THAT(names_of(replaced.scenario.stages[0]), ElementsAre("1_a.up.sql", "1_a.down.sql"));
  EXPECT_THAT(names_of(replaced.scenario.stages[1]), ElementsAre("2_b.up.sql", "3_c.up.sql"));
  EXPECT_NE(with_files(two, {mine.front()}).objection, "");
}

TEST(OwnFiles, GoDownOnlyIfEachHasADownFile) {
  Scenario trip = scenario_of(
      {{.name = "up", .files = {{"x", ""}}}, {.name = "down", .call = {.action = Action::down}}});
  EXPECT_EQ(with_files(trip, mine).objection, "it goes down, and 2_b.up.sql has no down file");
  EXPECT_EQ(with_files(trip, {mine.front()}).objection, "");
}

TEST(OwnFiles, AreRefusedWhereTheClaimIsAboutTheFixture) {
  Scenario fixed = scenario_of({{.name = "deploy", .files = {{"x", ""}}}});
  fixed.fixture = Fixture::needed;
  EXPECT_EQ(with_files(fixed, mine).objection, "its claim is about its own files");
  const Stage stage{.name = "deploy", .files = {{"x", ""}}};
  EXPECT_NE(with_files(scenario_of({stage, stage, stage}), mine).objection, "");
}

}  // namespace
}  // namespace gauntlet::scenario
