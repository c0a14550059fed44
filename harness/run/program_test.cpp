#include "harness/run/program.h"

#include "harness/run/serial.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace gauntlet::run {
namespace {

using testing::HasSubstr;

Program any() { return {.subject = {.name = "any", .command = {"any"}}}; }
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
              HasSubstr("connections of its own"));
  EXPECT_THAT(objection(scenario_of({.name = "deploy", .interrupted_at = "LISTEN"}), reference()),
              HasSubstr("which of its statements"));
}

TEST(Program, IsAskedWithoutAPoolThatTheClaimCanDoWithout) {
  scenario::Scenario pooled = scenario_of({.name = "deploy", .connections = 8});
  pooled.pool = scenario::Pool::left_out;
  EXPECT_EQ(objection(pooled, any()), "");
}

TEST(Program, LosesItsConnectionWhereASweepEndsTheReferenceRunner) {
  using What = core::Ruling::What;
  scenario::Scenario swept = scenario_of({.name = "deploy"});
  swept.sweep = {What::die_before, What::lose_after};
  EXPECT_EQ(objection(swept, any()), "");
  EXPECT_THAT(asked_of_program(swept, any()).sweep,
              testing::ElementsAre(What::lose_before, What::lose_after));
  EXPECT_EQ(asked_of_program(swept, reference()).sweep.size(), 2U);
}

TEST(Program, IsAskedAboutTwoFilesOfOneNumberUnlessAPlanListsThem) {
  scenario::Scenario twice =
      scenario_of({.name = "deploy", .files = {{"002_a.up.sql", ""}, {"2_b.up.sql", ""}}});
  twice.refusal = scenario::Scenario::Refusal::by_any_or_applied;
  Program written = any();
  written.project = fleet::SubjectFile{.format = "dbmate"};
  EXPECT_EQ(objection(twice, any()), "");
  EXPECT_EQ(objection(twice, written), "");
  written.project->format = "sqitch";
  EXPECT_THAT(objection(twice, written), HasSubstr("one number each"));
  twice.stages.back().files.pop_back();
  EXPECT_EQ(objection(twice, written), "");
}

TEST(Program, IsAskedAboutAFileThatResemblesAMigrationInItsOwnLayout) {
  scenario::Stage odd{.name = "odd",
                      .files = {{"next_step.up.sql", ""}},
                      .oracles = {"clear-error"},
                      .expected_error = "unparseable-name",
                      .resembling = "next_step"};
  const scenario::Scenario unnumbered = scenario_of(odd);
  EXPECT_EQ(objection(unnumbered, any()), "");
  const scenario::Stage asked = asked_of_program(unnumbered, odd, any());
  EXPECT_THAT(asked.oracles, testing::ElementsAre("not-passed-over", "no-lock-left"));
  EXPECT_FALSE(asked.expected_error.has_value());
  EXPECT_EQ(asked.expected_warning, "next_step");
  Program written = any();
  written.project = fleet::SubjectFile{.format = "dbmate"};
  EXPECT_EQ(objection(unnumbered, written), "");
  odd.files.front().name = "004_next_up.sql";
  EXPECT_THAT(objection(scenario_of(odd), written), HasSubstr("resembles a migration in this way"));
  written.project->format = "golang-migrate";
  EXPECT_EQ(objection(scenario_of(odd), written), "");
}

TEST(Program, IsAskedHowLongItWaitsByASettingOfTheDatabase) {
  const scenario::Stage waits{
      .name = "waits",
      .foreign_lock = scenario::ForeignLock{.until = scenario::ForeignLock::Until::all_ended},
      .expected_error = "lock-timeout",
      .lock_wait = std::chrono::milliseconds(400)};
  scenario::Scenario bounded = scenario_of(waits);
  bounded.refusal = scenario::Scenario::Refusal::by_any;
  EXPECT_EQ(objection(bounded, any()), "");
  EXPECT_TRUE(asked_of_program(bounded, waits, any()).foreign_lock.has_value());
  EXPECT_THAT(objection(bounded, reference()), HasSubstr("bounds its wait"));
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
  EXPECT_THAT(objection(legacy, program), HasSubstr("does not read files of golang-migrate"));
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
  EXPECT_THAT(objection_once_seen(held, any(), none), HasSubstr("took no advisory lock"));
  EXPECT_EQ(objection_once_seen(held, any(), other), "");
  EXPECT_EQ(other.lock(), std::nullopt);
  EXPECT_EQ(objection_once_seen(held, any(), one), "");
  EXPECT_EQ(one.lock(), "42");
  EXPECT_EQ(objection_once_seen(held, reference(), none), "");
}

TEST(Program, WithoutALockIsAskedForItsStatusAllTheSame) {
  const scenario::Scenario looks = scenario_of({.name = "look",
                                                .foreign_lock = scenario::ForeignLock{},
                                                .call = {.action = scenario::Action::status}});
  Program able = any();
  able.status = {"any", "status"};
  EXPECT_EQ(objection_once_seen(looks, able, {.locks = {{}, {}}}), "");
}

TEST(Program, IsAskedOverItsOwnTrackerWhereTheReferenceRunnerIsToldOne) {
  const scenario::Scenario named = scenario_of({.name = "deploy", .table = "fresh.tracker"});
  EXPECT_EQ(objection(named, any()), "");
  EXPECT_TRUE(asked_of_program(named, named.stages.back(), any()).table.empty());
  EXPECT_EQ(asked_of_program(named, named.stages.back(), reference()).table, "fresh.tracker");
  EXPECT_THAT(
      objection(scenario_of({.name = "deploy", .beside = {{.call = {.table = "b.t"}}}}), any()),
      HasSubstr("one tracker"));
}

TEST(Program, GoesDownOnlyWithACommandForIt) {
  const scenario::Scenario trip =
      scenario_of({.name = "down", .call = {.action = scenario::Action::down}});
  EXPECT_THAT(objection(trip, any()), HasSubstr("`down` of a subject file"));
  Program able = any();
  able.down = {"any", "down"};
  EXPECT_EQ(objection(trip, able), "");
}

TEST(Program, IsAskedBesideAnOlderFolderAndBesideAnOlderProject) {
  const scenario::Scenario mixed =
      scenario_of({.name = "rollout", .beside = {{.replicas = 2, .call = {.knows_up_to = 2}}}});
  EXPECT_EQ(objection(mixed, any()), "");
  Program prepared = any();
  prepared.project = fleet::SubjectFile{.prepare = {"make"}};
  EXPECT_EQ(objection(mixed, prepared), "");
}

TEST(Program, IsNotAskedForTheCommandsOfTheReferenceRunner) {
  scenario::Scenario edited = scenario_of({.name = "refused", .replicas = 2});
  edited.stages.push_back({.name = "accept", .call = {.action = scenario::Action::accept}});
  edited.stages.push_back({.name = "next"});
  EXPECT_EQ(asked_of_program(edited, any()).stages.size(), 2U);
  EXPECT_EQ(asked_of_program(edited, reference()).stages.size(), 4U);
  scenario::Scenario looks = scenario_of({.name = "deploy"});
  looks.stages.push_back({.name = "look", .call = {.action = scenario::Action::check}});
  EXPECT_EQ(asked_of_program(looks, any()).stages.size(), 2U);
}

TEST(Program, IsHarmedAtStatementsOfTheFilesOnly) {
  scenario::Stage harmed{.name = "deploy", .faults = {{.sql_has = "CREATE TABLE orders"}}};
  EXPECT_THAT(objection(scenario_of(harmed), any()), HasSubstr("which of its statements"));
  harmed.faults_fit_any_program = true;
  EXPECT_EQ(objection(scenario_of(harmed), any()), "");
  harmed.faults_fit_any_program = false;
  harmed.first_of_program_is = scenario::SeenHarm{.at = "pg_sleep"};
  EXPECT_EQ(objection(scenario_of(harmed), any()), "");
  const scenario::Stage asked = asked_of_program(scenario_of(harmed), harmed, any());
  EXPECT_TRUE(asked.faults.empty());
  EXPECT_TRUE(asked.first_is.has_value());
}

TEST(Program, IsHarmedAtItsTrackerAndItsUnlockOnceTheyAreKnown) {
  scenario::Scenario unreadable = scenario_of({.name = "denied",
                                               .faults = {{.sql_has = "applied_migrations"}},
                                               .tracker_refused_with = "42501"});
  EXPECT_EQ(objection(unreadable, any()), "");
  EXPECT_TRUE(asked_of_program(unreadable, unreadable.stages.back(), any()).faults.empty());
  EXPECT_THAT(objection_once_seen(unreadable, any(), {}), HasSubstr("reads its tracker"));
  scenario::Scenario denied = scenario_of(
      {.name = "deploy", .faults = {{.sql_has = "pg_advisory_unlock("}}, .unlock_is_false = true});
  EXPECT_EQ(objection(denied, any()), "");
  EXPECT_THAT(objection_once_seen(denied, any(), {}), HasSubstr("gives no advisory lock back"));
  EXPECT_THAT(objection(denied, reference()), HasSubstr("closes its session"));
  EXPECT_EQ(objection_once_seen(denied, any(), {.gives_lock_back = true}), "");
}

TEST(Program, GoesThroughThePoolerOnceAndItsLockIsItsOwnAffair) {
  scenario::Scenario pooled = scenario_of({.name = "refused",
                                           .expected_error = "pooler",
                                           .lock_wait = std::chrono::seconds(1),
                                           .way = scenario::Way::pooler});
  pooled.refusal = scenario::Scenario::Refusal::by_any_or_applied;
  pooled.stages.push_back({.name = "a transaction's lock",
                           .way = scenario::Way::pooler,
                           .lock = runner::LockMode::transaction});
  pooled.stages.push_back({.name = "again", .way = scenario::Way::pooler});
  pooled.stages.push_back({.name = "straight"});
  const scenario::Scenario asked = asked_of_program(pooled, any());
  ASSERT_EQ(asked.stages.size(), 3U);  // with the one before it
  EXPECT_EQ(asked.stages[1].name, "refused");
  EXPECT_EQ(asked.stages[2].name, "straight");
  EXPECT_EQ(objection(asked, any()), "");
  EXPECT_FALSE(asked_of_program(asked, asked.stages[1], any()).lock_wait.has_value());
  EXPECT_THAT(objection(pooled, reference()), HasSubstr("pooler"));
}

TEST(Program, IsAskedToEndInOneStageAndDeploysInTheOthers) {
  scenario::Scenario cancelled = scenario_of({.name = "waits",
                                              .oracles = {"idempotent"},
                                              .interrupted_at = "LISTEN",
                                              .expected_error = "interrupted"});
  cancelled.stages.push_back(
      {.name = "applies",
       .oracles = {"clear-error", "no-lock-left"},
       .interrupted_at = "pg_sleep",
       .expected_error = "interrupted",
       .first_of_program_is =
           scenario::SeenHarm{.what = scenario::SeenHarm::What::asked_to_end, .at = "pg_sleep"}});
  cancelled.refusal = scenario::Scenario::Refusal::by_any_or_applied;
  EXPECT_THAT(objection(cancelled, any()), HasSubstr("which of its statements"));
  const scenario::Scenario asked = asked_of_program(cancelled, any());
  EXPECT_EQ(objection(asked, any()), "");
  EXPECT_FALSE(asked.stages[1].expected_error.has_value());
  EXPECT_THAT(asked.stages[1].oracles, testing::ElementsAre("all-succeed", "no-lock-left"));
  EXPECT_THAT(asked_of_program(asked, asked.stages[2], any()).oracles,
              testing::ElementsAre("no-lock-left", "refused-or-applied"));
}

TEST(Program, RefusesInItsOwnWordsOrAppliesBothFiles) {
  const scenario::Stage stage{.name = "refused",
                              .oracles = {"clear-error", "idempotent", "no-lock-left"},
                              .expected_error = "duplicate-version"};
  scenario::Scenario asked = scenario_of(stage);
  asked.refusal = scenario::Scenario::Refusal::by_any;
  EXPECT_THAT(asked_of_program(asked, stage, any()).oracles,
              testing::ElementsAre("no-lock-left", "refused"));
  asked.refusal = scenario::Scenario::Refusal::by_any_or_applied;
  const scenario::Stage either = asked_of_program(asked, stage, any());
  EXPECT_THAT(either.oracles, testing::ElementsAre("no-lock-left", "refused-or-applied"));
  EXPECT_FALSE(either.expected_error.has_value());
}

TEST(Program, IsAskedForItsFailureInItsOwnWordsWhereAnybodyFails) {
  const scenario::Scenario refused =
      scenario_of({.name = "refused",
                   .oracles = {"clear-error", "idempotent", "no-lock-left"},
                   .expected_error = "renamed"});
  EXPECT_THAT(objection(refused, any()), HasSubstr("its own affair"));
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

TEST(Program, IsNotAskedWhatItsTransactionRefuses) {
  EXPECT_THAT(objection_once_seen(scenario_of({.name = "deploy"}), any(),
                                  {.refused = "6_i.up.sql", .refused_with = "25001"}),
              HasSubstr("inside a transaction: alone the server refused 6_i.up.sql"));
}

TEST(Program, IsNotAskedAboutNamesThatItsTrackerDoesNotKeep) {
  const scenario::Scenario renamed = scenario_of({.name = "renamed", .expected_error = "renamed"});
  EXPECT_THAT(objection_once_seen(renamed, any(), {}), HasSubstr("records no names"));
  EXPECT_EQ(objection_once_seen(renamed, any(), {.records_names = true}), "");
}

}  // namespace
}  // namespace gauntlet::run
