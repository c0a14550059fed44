#include "harness/run/program.h"

#include "harness/run/serial.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace gauntlet::run {
namespace {

using testing::HasSubstr;

Program any() { return {.subject = {.name = "any", .command = {"any"}}, .has_marker = false}; }
Program reference() {
  return {.subject = {.name = "gauntlet-migrate", .command = {"gauntlet-migrate"}},
          .told = Program::Told::key_and_table};
}

scenario::Scenario scenario_of(scenario::Stage stage) {
  return {.id = "a/b",
          .claim = "it holds",
          .why = "or not",
          .stages = {{.name = "before"}, std::move(stage)}};
}

TEST(Program, IsAskedWhatNeedsOnlyProcesses) {
  EXPECT_EQ(objection(scenario_of({.name = "deploy"}), any()), "");
  EXPECT_EQ(
      objection(scenario_of({.name = "deploy", .arrival = scenario::Arrival::staggered}), any()),
      "");
}

TEST(Program, IsNotAskedWhatOnlyThreadsCanAnswer) {
  EXPECT_THAT(objection(scenario_of({.name = "deploy", .connections = 8}), reference()),
              HasSubstr("one process"));
  EXPECT_THAT(objection(scenario_of({.name = "deploy", .interrupted_at = "LISTEN"}), reference()),
              HasSubstr("harms statements"));
}

TEST(Program, IsAskedForItsStatusWhereItHasOneAndForNothingElse) {
  const scenario::Scenario status =
      scenario_of({.name = "look",
                   .foreign_lock = scenario::ForeignLock{},
                   .call = {.action = scenario::Action::status},
                   .beside = {{.replicas = 2, .call = {.action = scenario::Action::plan}}}});
  EXPECT_THAT(objection(status, any()), HasSubstr("`status` of a subject file"));
  Program told = any();
  told.status = {"any", "status"};
  EXPECT_EQ(objection(status, told), "");
  EXPECT_TRUE(asked_of_program(status, status.stages.back(), told).beside.empty());
}

TEST(Program, GoesOnWhereGolangMigrateWasOnlyIfItReadsSuchFiles) {
  scenario::Scenario legacy = scenario_of({.name = "taking over"});
  legacy.subject = scenario::Subject::takes_over;
  Program program = any();
  EXPECT_EQ(objection(legacy, program), "");
  program.project = fleet::SubjectFile{.format = "golang-migrate"};
  EXPECT_EQ(objection(legacy, program), "");
  program.project->format = "dbmate";
  EXPECT_THAT(objection(legacy, program), HasSubstr("where golang-migrate was"));
  const Serial refuses{.failure = "it ended with exit 1", .failed_with = 1},
      hangs{.failure = "it was not seen to end"};
  EXPECT_THAT(objection_once_seen(legacy, any(), refuses), HasSubstr("it ended with exit 1"));
  EXPECT_EQ(objection_once_seen(legacy, any(), hangs), "");
  EXPECT_THAT(objection_once_seen(legacy, any(), {.refused = "001_a.up.sql"}),
              HasSubstr("alone it ran 001_a.up.sql"));
  EXPECT_EQ(
      objection_once_seen(scenario_of({.name = "deploy"}), any(), {.refused = "001_a.up.sql"}), "");
}

TEST(Program, IsOneCopyWhereTheClaimIsAboutOneReplica) {
  scenario::Scenario files = scenario_of({.name = "deploy", .replicas = 4, .oracles = {"order"}});
  EXPECT_EQ(asked_of_program(files, files.stages.back(), any()).replicas, 4U);
  files.about = scenario::About::one_replica;
  EXPECT_EQ(asked_of_program(files, files.stages.back(), any()).replicas, 1U);
}

TEST(Program, IsAskedForItsLockOnlyWhereOneIsKnown) {
  const scenario::Scenario held =
      scenario_of({.name = "deploy", .foreign_lock = scenario::ForeignLock{}});
  const Serial none{.locks = {{}, {}}}, one{.locks = {{"7", "42"}, {"42"}}},
      other{.locks = {{"1"}, {"2"}}};
  EXPECT_THAT(objection_once_seen(held, any(), none), HasSubstr("no advisory lock was seen"));
  EXPECT_EQ(objection_once_seen(held, any(), other), "");
  EXPECT_EQ(other.lock(), std::nullopt);
  EXPECT_EQ(objection_once_seen(held, any(), one), "");
  EXPECT_EQ(one.lock(), "42");
  EXPECT_EQ(objection_once_seen(held, reference(), none), "");
}

TEST(Program, IsNotAskedForATrackerThatItCannotBeTold) {
  EXPECT_THAT(objection(scenario_of({.name = "deploy", .table = "fresh.tracker"}), any()),
              HasSubstr("tracker"));
  EXPECT_EQ(objection(scenario_of({.name = "deploy", .table = "fresh.tracker"}), reference()), "");
}

TEST(Program, IsAskedForItsFailureInItsOwnWordsWhereAnybodyFails) {
  const scenario::Scenario refused =
      scenario_of({.name = "refused",
                   .oracles = {"clear-error", "idempotent", "no-lock-left"},
                   .expected_error = "renamed"});
  EXPECT_THAT(objection(refused, any()), HasSubstr("how the reference runner tells"));
  scenario::Scenario failing = refused;
  failing.stages.back().oracles.insert(failing.stages.back().oracles.end(),
                                       {"atomic", "failure-told"});
  EXPECT_EQ(objection(failing, any()), "");
  const auto asked = [&](const Program& program) {
    return asked_of_program(failing, failing.stages.back(), program).oracles;
  };
  EXPECT_THAT(asked(any()), testing::ElementsAre("no-lock-left", "atomic", "failure-told"));
  EXPECT_EQ(asked(reference()).size(), 5U);
}

TEST(Program, IsNotGivenAMarkerThatItsFormatDoesNotKnow) {
  const scenario::Scenario marked = scenario_of(
      {.name = "deploy", .files = {{"1_a.up.sql", "-- gauntlet: no-transaction\nVACUUM;\n"}}});
  EXPECT_THAT(objection(marked, any()), HasSubstr("no-transaction"));
  EXPECT_EQ(objection(marked, reference()), "");
}

}  // namespace
}  // namespace gauntlet::run
