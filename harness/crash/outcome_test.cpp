#include "harness/crash/outcome.h"

#include <gtest/gtest.h>

namespace gauntlet::crash {
namespace {

const std::vector<truth::File> files = {
    {.name = "001_a.up.sql", .version = 1, .sql = "CREATE TABLE a (n int)"},
    {.name = "002_b.up.sql", .version = 2, .sql = "INSERT INTO a VALUES (1)"},
    {.name = "003_c.up.sql",
     .version = 3,
     .sql = "CREATE INDEX CONCURRENTLY a_n ON a (n)",
     .in_transaction = false}};

core::Applied tracker_with(const std::vector<std::int64_t>& versions) {
  core::Applied applied{.tracker = "t"};
  for (const std::int64_t version : versions) applied.rows.push_back({.version = version});
  return applied;
}

const Tracker tracker{.clean = tracker_with({1, 2, 3})};

core::Finding difference(std::string id) {
  return {.id = std::move(id), .message = "table a differs"};
}

RunSeen ended_with(int code, std::string said = {}) {
  RunSeen run{.exit_code = code, .ok = code == 0};
  run.history.outputs.push_back({.out = {}, .err = std::move(said)});
  return run;
}

core::StepRecord step(const std::string& sql, core::Reply::Ending ending,
                      bool in_transaction = false) {
  core::StepRecord record{.step = {.sql = sql}};
  record.reply = core::Reply{.ending = ending, .in_transaction = in_transaction};
  if (ending == core::Reply::Ending::answered) record.reply->statements.push_back({.tag = "X"});
  return record;
}

/// A harmed run, a rerun and a last one that ended well, all files there and recorded.
CellSeen converged() {
  CellSeen seen{.fired = true, .left = true};
  seen.harmed = ended_with(1);
  seen.rerun = seen.last = ended_with(0);
  seen.rerun.after = Place{.files = 3};
  seen.after = {.files = 3};
  seen.applied = tracker_with({1, 2, 3});
  return seen;
}

Outcome of(const CellSeen& seen) { return judge(seen, files, tracker).outcome; }

TEST(CrashOutcome, ConvergesWhenAllIsThereAndRecorded) {
  EXPECT_EQ(of(converged()), Outcome::converged);
}

TEST(CrashOutcome, ASecondReplicaThatNeverEndsIsToldThoughEverythingIsThere) {
  CellSeen seen = converged();
  seen.has_second = true;
  EXPECT_EQ(of(seen), Outcome::converged);
  seen.rerun.ok = false;
  seen.rerun.exit_code.reset();
  seen.rerun.was_ended = true;
  seen.rerun.after.reset();
  EXPECT_EQ(of(seen), Outcome::stopped_silently);
}

TEST(CrashOutcome, SaysNothingOfAStepThatDidNotCome) {
  CellSeen seen = converged();
  seen.fired = false;
  EXPECT_EQ(of(seen), Outcome::not_done);
}

TEST(CrashOutcome, IsLostWhereTheHarmedRunReportsSuccessTooEarlyThoughTheRerunRepairsIt) {
  CellSeen seen = converged();
  seen.harmed = ended_with(0);
  seen.harmed.after = Place{.files = 1, .differs = {difference("rows-missing")}};
  EXPECT_EQ(of(seen), Outcome::lost);
  seen.harmed.after = Place{.files = 3};
  EXPECT_EQ(of(seen), Outcome::converged);
}

TEST(CrashOutcome, IsLostWhereTheLastRunReportsSuccessAndAFileIsNotThere) {
  CellSeen seen = converged();
  seen.rerun.after.reset();
  seen.after = {.files = 2, .differs = {difference("schema-differs-from-files")}};
  EXPECT_EQ(of(seen), Outcome::lost);
}

TEST(CrashOutcome, IsLostWhereAFileIsRecordedAndNotThereThoughTheRunnerStopped) {
  CellSeen seen = converged();
  seen.rerun = seen.last = ended_with(1, "fix: do something");
  seen.after = {.files = 1, .differs = {difference("rows-missing")}};
  seen.applied = tracker_with({1, 2});
  EXPECT_EQ(of(seen), Outcome::lost);
}

TEST(CrashOutcome, IsAppliedTwiceWhereTheWireSawAFileTwiceAndTheDatabaseFitsNothing) {
  CellSeen seen = converged();
  seen.harmed.history.steps = {step("INSERT INTO a VALUES (1)", core::Reply::Ending::answered)};
  seen.rerun.history.steps = seen.harmed.history.steps;
  seen.rerun.after.reset();
  seen.after = {.files = std::nullopt, .differs = {difference("data-differs-from-files")}};
  EXPECT_EQ(of(seen), Outcome::applied_twice);
}

TEST(CrashOutcome, IsNotAppliedTwiceWhereTheFirstTimeWasRolledBack) {
  CellSeen seen = converged();
  seen.harmed.history.steps = {
      step("BEGIN", core::Reply::Ending::answered, true),
      step("INSERT INTO a VALUES (1)", core::Reply::Ending::answered, true),
      step("ROLLBACK", core::Reply::Ending::answered)};
  seen.rerun.history.steps = {step("INSERT INTO a VALUES (1)", core::Reply::Ending::answered)};
  EXPECT_EQ(of(seen), Outcome::converged);
}

TEST(CrashOutcome, IsRecordedWronglyWhereAllIsThereAndARecordIsMissing) {
  CellSeen seen = converged();
  seen.applied = tracker_with({1, 2});
  EXPECT_EQ(of(seen), Outcome::recorded_wrongly);
  seen.applied = tracker_with({1, 2, 2, 3});
  EXPECT_EQ(of(seen), Outcome::recorded_wrongly);
}

TEST(CrashOutcome, IsRecordedWronglyWhereATransactionalFileIsThereWithoutItsRecord) {
  CellSeen seen = converged();
  seen.rerun = seen.last = ended_with(1, "relation a already exists");
  seen.after = {.files = 1, .differs = {difference("rows-missing")}};
  seen.applied = tracker_with({});
  EXPECT_EQ(of(seen), Outcome::recorded_wrongly);
}

TEST(CrashOutcome, NeedsNoTrackerToSeeThatAFileWasRunAgain) {
  CellSeen seen = converged();
  seen.rerun = seen.last = ended_with(1, "relation a already exists");
  seen.last.history.steps = {step("CREATE TABLE a (n int)", core::Reply::Ending::refused)};
  seen.after = {.files = 1, .differs = {difference("rows-missing")}};
  EXPECT_EQ(judge(seen, files, Tracker{}).outcome, Outcome::recorded_wrongly);
}

TEST(CrashOutcome, NeedsNoTrackerToSeeThatAFileWasPassedOver) {
  CellSeen seen = converged();
  seen.rerun = seen.last = ended_with(1, "relation a does not exist");
  seen.last.history.steps = {step("INSERT INTO a VALUES (1)", core::Reply::Ending::refused)};
  seen.after = {.files = 0, .differs = {difference("not-applied")}};
  EXPECT_EQ(judge(seen, files, Tracker{}).outcome, Outcome::lost);
}

TEST(CrashOutcome, IsLostWhereTheFirstRerunPassedAFileOverAndTheLastDidNotTry) {
  CellSeen seen = converged();
  seen.rerun = ended_with(1, "relation a does not exist");
  seen.last = ended_with(1, "002 was interrupted\n  fix: finish it by hand");
  seen.rerun.history.steps = {step("INSERT INTO a VALUES (1)", core::Reply::Ending::refused)};
  seen.after = {.files = 0, .differs = {difference("not-applied")}};
  EXPECT_EQ(judge(seen, files, Tracker{}).outcome, Outcome::lost);
  seen.after = {.files = 1, .differs = {difference("rows-missing")}};
  EXPECT_EQ(judge(seen, files, Tracker{}).outcome, Outcome::stopped_and_said);
}

TEST(CrashOutcome, AFileOutsideATransactionMayStopUnrecorded) {
  CellSeen seen = converged();
  seen.rerun = seen.last = ended_with(1, "relation a_n already exists");
  seen.applied = tracker_with({1, 2});
  EXPECT_EQ(of(seen), Outcome::stopped_silently);
  seen.last = ended_with(1, "003 was interrupted\n  fix: drop the index and run again");
  EXPECT_EQ(of(seen), Outcome::stopped_and_said);
}

TEST(CrashOutcome, ARunThatHadToBeEndedSaidNothing) {
  CellSeen seen = converged();
  seen.rerun = seen.last = ended_with(1, "fix: wait");
  seen.last.exit_code.reset();
  seen.last.was_ended = true;
  seen.after = {.files = 2};
  seen.applied = tracker_with({1, 2});
  EXPECT_EQ(of(seen), Outcome::stopped_silently);
}

TEST(CrashOutcome, ReadsATrackerThatKeepsOnlyTheNewestVersion) {
  const Tracker newest{.clean = core::Applied{.rows = {{.version = 3}}, .only_newest = true}};
  EXPECT_EQ(recorded(newest, core::Applied{.rows = {{.version = 2}}}, files).files, 2U);
  EXPECT_EQ(recorded(newest, core::Applied{}, files).files, 0U);
  EXPECT_TRUE(
      recorded(newest, core::Applied{.rows = {{.version = 2}}, .dirty = true}, files).is_dirty);
}

TEST(CrashOutcome, AnUnknownTrackerIsNoWitness) {
  CellSeen seen = converged();
  seen.applied = tracker_with({7});
  EXPECT_EQ(judge(seen, files, Tracker{}).outcome, Outcome::converged);
  EXPECT_EQ(of(seen), Outcome::recorded_wrongly);
}

}  // namespace
}  // namespace gauntlet::crash
