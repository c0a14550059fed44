#include "harness/schedule/trial.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace gauntlet::schedule {
namespace {

using scenario::Scenario;
using scenario::Stage;

Scenario deploy() {
  return {
      .id = "mine/deploy",
      .claim = "it works",
      .why = "or nothing does",
      .stages = {{.name = "deploy",
                  .files = {{"001_a.up.sql", "CREATE TABLE a(x int);\nSELECT pg_sleep(0.05);\n"},
                            {"001_a.down.sql", "DROP TABLE a;\n"},
                            {"002_b.up.sql", "CREATE TABLE b(x int);\n"}},
                  .replicas = 16,
                  .oracles = {"all-succeed"}},
                 {.name = "restart", .replicas = 16, .oracles = {"all-succeed"}}}};
}

TEST(Trial, ExploresTheLastStageWithFilesAndFewReplicas) {
  const Trial trial = trial_of(deploy(), {.replicas = 3});
  EXPECT_EQ(trial.objection, "");
  EXPECT_EQ(trial.stage().name, "deploy");
  EXPECT_EQ(trial.calls.size(), 3U);
  EXPECT_THAT(trial.stage().oracles,
              testing::IsSupersetOf({"all-succeed", "set-equality", "data-equals-serial"}));
}

TEST(Trial, TakesPausesOutOfTheCataloguesFilesAndLeavesAUsersAsTheyAre) {
  EXPECT_EQ(trial_of(deploy(), {}).stage().files.front().sql, "CREATE TABLE a(x int);\n");
  Scenario users = deploy();
  users.has_users_files = true;
  EXPECT_EQ(trial_of(users, {}).stage().files.front().sql, deploy().stages[0].files[0].sql);
}

TEST(Trial, KeepsTheFirstMigrationsWithTheirDowns) {
  const Trial trial = trial_of(deploy(), {.first_files = 1});
  ASSERT_EQ(trial.stage().files.size(), 2U);
  EXPECT_EQ(trial.stage().files.back().name, "001_a.down.sql");
}

TEST(Trial, RefusesAStageInWhichSomebodyElseTakesPart) {
  Scenario scenario = deploy();
  scenario.stages.front().foreign_lock = scenario::ForeignLock{};
  EXPECT_NE(trial_of(scenario, {}).objection.find("outside the replicas"), std::string::npos);
}

}  // namespace
}  // namespace gauntlet::schedule
