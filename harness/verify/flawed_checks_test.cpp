// Checks with one flaw each, put before what the fixtures of this room show: each of them passes
// what the true check does not, so that a check that came to be like it would be found out.
#include "harness/arena/connection.h"
#include "harness/observe/observe.h"
#include "harness/oracle/oracle.h"
#include "harness/verify/boot.h"
#include "harness/verify/boot_ready.h"
#include "harness/verify/boot_run.h"
#include "harness/verify/replicas.h"
#include "harness/verify/scripted_runner.h"
#include "harness/verify/test_ground.h"
#include "harness/verify/traces.h"
#include "runner/postgres.h"

#include <algorithm>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <poll.h>

namespace gauntlet::verify {
namespace {

using core::Verdict;
using test::ids_of;
using test::told_by;
using testing::Contains;
using testing::ElementsAre;

constexpr std::chrono::seconds bound{60};

core::Result told(core::Judgement judgement) { return {.judgement = std::move(judgement)}; }

// max-version-smoke: the highest version is recorded, so that all of them are.
core::Result max_version_smoke(const Context& context) {
  const auto database = context.arena->fresh("smoke");
  fleet::run_once(subject_of(context.options), *database, context.options.migrations, bound);
  std::string missing;
  const auto applied =
      observe::applied(database->address(), context.options.applied_query, missing);
  if (!applied) return told(core::unknown(missing));
  const std::int64_t highest =
      std::ranges::max(applied->rows, {}, &core::AppliedRow::version).version;
  if (highest == context.listing.migrations.back().version.number) return told(core::judged({}));
  return told(core::judged({{.id = "behind", .message = "not at the highest version"}}));
}

TEST(FlawedCheck, MaxVersionSmokeIsFoundOut) {
  const ScriptedRunner runner(journal_files(),
                              one_session_runner("", "DELETE FROM tracker WHERE version = 2;"));
  EXPECT_THAT(ids_of(runner.run(boot)), Contains("not-recorded"));
  const core::Result flawed = runner.run(max_version_smoke);
  EXPECT_EQ(flawed.judgement.verdict, Verdict::holds) << told_by(flawed);
}

/// Runs all files in one transaction that ends as `end` says.
core::Judgement run_all(const Context& context, const std::string& end) {
  const auto session = runner::connect_postgres(context.arena->given().conninfo());
  try {
    session->send("BEGIN");
    for (const runner::Migration& migration : context.listing.migrations)
      session->send(migration.up.sql());
    session->send(end);
  } catch (const runner::SqlError& error) {
    return core::judged({{.id = "migration-fails", .message = error.message()}});
  }
  return core::judged({});
}

// dry-run-commits: says that all is well, and it has happened.
core::Result dry_run_commits(const Context& context) { return told(run_all(context, "COMMIT")); }

TEST(FlawedCheck, DryRunThatCommitsIsFoundOut) {
  ScriptedRunner runner(Files{{"1_a.up.sql", "CREATE TABLE a(id int)"}});
  const test::GivenServer server;
  runner.options.database = server.address().conninfo();
  runner.arena = arena::open(runner.options.database, {});
  const auto left = [&] {
    return server.value("SELECT count(*) FROM pg_class WHERE relname = 'a'");
  };
  const core::Result result = test::judge(runner.options, "dry-run");
  EXPECT_EQ(result.judgement.verdict, Verdict::holds) << told_by(result);
  EXPECT_EQ(left(), "0");
  EXPECT_EQ(runner.run(dry_run_commits).judgement.verdict, Verdict::holds);
  EXPECT_EQ(left(), "1");
}

// And its own fingerprints accuse it, whatever the caller looks at afterwards.
TEST(FlawedCheck, DryRunThatCommitsIsAccusedByItsOwnFingerprints) {
  const ScriptedRunner runner(Files{{"1_a.up.sql", "CREATE TABLE a(id int)"}});
  const Context context = runner.context();
  const Traces traces(context);
  run_all(context, "COMMIT");
  Trial trial;
  traces.judge(trial, "committed");
  EXPECT_THAT(ids_of({.judgement = trial.judgement}), ElementsAre("dry-run-left-traces"));
}

// A session that came and went meanwhile is not seen by who is connected before and after.
TEST(Traces, AccuseTheFilesOnlyWhereTheyCanWriteThroughAnotherSession) {
  const auto judged = [](const char* sql) {
    const test::GivenServer server;
    ScriptedRunner runner(Files{{"1_a.up.sql", sql}});
    runner.arena = arena::open(server.address().conninfo(), {});
    const Context context = runner.context();
    const Traces traces(context);
    // Its name is one of ours, so that it is no company, even while its process still ends.
    runner::connect_postgres(server.address().conninfo(), {.application_name = "gauntlet guest"})
        ->send("CREATE TABLE elsewhere(id int)");
    Trial trial;
    traces.judge(trial, "aborted");
    return trial.judgement.verdict;
  };
  EXPECT_EQ(judged("CREATE TABLE a(id int)"), Verdict::unknown);
  EXPECT_EQ(judged("SELECT dblink_exec('host=b', 'CREATE TABLE elsewhere(id int)')"),
            Verdict::violated);
}

// dry-run-misses-deferred: rolls back before a deferred constraint is looked at.
core::Result dry_run_misses_deferred(const Context& context) {
  return told(run_all(context, "ROLLBACK"));
}

TEST(FlawedCheck, DryRunThatMissesWhatIsDeferredIsFoundOut) {
  ScriptedRunner runner(std::filesystem::path(GAUNTLET_SOURCE_DIR) /
                        "migrations/hazards/constraint-fails-at-commit/bad");
  runner.options.database = "ephemeral";
  EXPECT_THAT(ids_of(test::judge(runner.options, "dry-run")),
              ElementsAre("constraint-fails-at-commit"));
  const core::Result flawed = runner.run(dry_run_misses_deferred);
  EXPECT_EQ(flawed.judgement.verdict, Verdict::holds) << told_by(flawed);
}

// tracker-only-effects: everybody succeeded and every version is recorded.
core::Result tracker_only_effects(const Context& context) {
  const auto database = context.arena->fresh("tracker-only");
  oracle::Observation seen;
  seen.history =
      fleet::race(subject_of(context.options), *database, context.options.migrations, {});
  seen.on_disk = on_disk(context.listing);
  seen.applied =
      observe::applied(database->address(), context.options.applied_query, seen.applied_missing);
  core::Judgement whole = oracle::ask(oracle::oracle("all-succeed"), seen);
  core::merge(whole, oracle::ask(oracle::oracle("set-equality"), seen));
  return told(whole);
}

TEST(FlawedCheck, TrackerOnlyEffectsIsFoundOut) {
  const ScriptedRunner runner(journal_files(), one_session_runner("", ""));
  const core::Result result = runner.run(replicas);
  EXPECT_THAT(ids_of(result), Contains("applied-twice")) << told_by(result);
  const core::Result flawed = runner.run(tracker_only_effects);
  EXPECT_EQ(flawed.judgement.verdict, Verdict::holds) << told_by(flawed);
}

// ready-before-migrated-tolerated: the service answers 200, so that it may be let in.
core::Result readiness_alone(const Context& context) {
  const auto database = context.arena->fresh("ready");
  const int port = free_port();
  const fleet::Subject service = fleet::command_subject(*context.options.service, {0});
  process::Command command =
      fleet::command_of(service, database->loopback(),
                        fleet::placeholder_values(database->loopback(), context.options.migrations,
                                                  std::filesystem::temp_directory_path()));
  command.environment["PORT"] = std::to_string(port);
  const auto running = process::Process::start(command);
  const ReadyAddress address = parse_ready(context.options.health_url, port);
  const auto deadline = std::chrono::steady_clock::now() + bound;
  while (std::chrono::steady_clock::now() < deadline && !running.exit()) {
    const auto answer = ask_ready(address, std::chrono::milliseconds(500));
    if (answer && answer->status == 200) return told(core::judged({}));
    poll(nullptr, 0, 20);
  }
  return told(core::judged({{.id = "never-ready", .message = "no answer"}}));
}

TEST(FlawedCheck, ReadinessAloneIsFoundOut) {
  ScriptedRunner runner(std::filesystem::path(GAUNTLET_SOURCE_DIR) / "migrations/orders");
  runner.options.service = GAUNTLET_BINARY_DIR "/bin/orders-service --flaw binds-before-migrating";
  runner.options.health_url = "/healthz";
  EXPECT_THAT(ids_of(runner.run(boot)), ElementsAre("ready-before-migrated"));
  const core::Result flawed = runner.run(readiness_alone);
  EXPECT_EQ(flawed.judgement.verdict, Verdict::holds) << told_by(flawed);
}

// A skip counted as a pass: whatever is not violated is well.
Verdict skips_are_passes(const core::Report& report) {
  const bool violated = std::ranges::any_of(report.results, [](const core::Result& result) {
    return result.judgement.verdict == Verdict::violated;
  });
  return violated ? Verdict::violated : Verdict::holds;
}

TEST(FlawedCheck, SkipsThatCountAsPassesAreFoundOut) {
  const core::Report skipped{.results = {told(core::not_applicable("it cannot be asked")),
                                         told(core::not_applicable("nor can it"))}};
  const core::Report undecided{.results = {told({}), told(core::unknown("no server"))}};
  for (const core::Report& report : {skipped, undecided}) {
    EXPECT_EQ(report.verdict(), Verdict::unknown);
    EXPECT_EQ(report.exit_code(), 2);
    EXPECT_EQ(skips_are_passes(report), Verdict::holds);
  }
}

}  // namespace
}  // namespace gauntlet::verify
