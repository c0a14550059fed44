#include "harness/verify/replicas.h"

#include "harness/arena/server.h"
#include "harness/verify/boot.h"
#include "harness/verify/scripted_runner.h"
#include "harness/verify/test_ground.h"

#include <algorithm>
#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <pqxx/pqxx>

namespace gauntlet::verify {
namespace {

using core::Verdict;
using test::ids_of;
using test::told_by;
using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;

// Sixteen exit 0 and the tracker holds one row a version: only the data tells.
TEST(Replicas, CatchADataOnlyMigrationThatIsAppliedTwice) {
  const ScriptedRunner runner(journal_files(), one_session_runner("", ""));
  const core::Result result = runner.run(replicas);
  EXPECT_EQ(result.judgement.verdict, Verdict::violated) << told_by(result);
  EXPECT_THAT(ids_of(result), Contains("applied-twice"));
  EXPECT_THAT(ids_of(result), Not(Contains("replica-failed"))) << told_by(result);
}

// Its window is a fraction of a millisecond: only where recording is held back do two of them meet
// there.
TEST(Replicas, CatchARunnerThatLooksAppliesAndRecordsInOneStatement) {
  const ScriptedRunner runner(journal_files(), R"sh(
    { echo 'CREATE TABLE IF NOT EXISTS tracker(version bigint PRIMARY KEY, name text);'
      for file in "$1"/*.up.sql; do
        base=$(basename "$file" .up.sql); version=${base%%_*}
        echo "DO \$\$BEGIN IF NOT EXISTS (SELECT FROM tracker WHERE version = $version) THEN"
        cat "$file"
        echo "INSERT INTO tracker VALUES ($version, '${base#*_}') ON CONFLICT DO NOTHING;"
        echo "END IF; END\$\$;"
      done; } | psql -Xq >/dev/null 2>&1
    exit 0)sh");
  const core::Result result = runner.run(replicas);
  EXPECT_EQ(result.judgement.verdict, Verdict::violated) << told_by(result);
  EXPECT_THAT(ids_of(result), Contains("applied-twice"));
}

TEST(Replicas, AccuseNoRunnerThatTakesALock) {
  const ScriptedRunner runner(journal_files(), locking_runner());
  const core::Result result = runner.run(replicas);
  EXPECT_EQ(result.judgement.verdict, Verdict::holds) << told_by(result);
  EXPECT_THAT(result.notes, Contains(HasSubstr("16 sessions of 16 replicas stood at the door")));
}

constexpr const char* stops = "\\set ON_ERROR_STOP 1\n";

/// Few replicas: what is found here shows in one run.
core::Result replicas_of(const std::string& script) {
  ScriptedRunner runner(journal_files(), script);
  runner.options.replicas = 3;
  return runner.run(replicas);
}

// Its window is too small for any race.
TEST(Replicas, CatchARunnerThatUnlocksBeforeItCommits) {
  const core::Result result =
      replicas_of(one_session_runner(std::string(stops) + "SELECT pg_advisory_lock(4711);\nBEGIN;",
                                     "SELECT pg_advisory_unlock(4711);\nCOMMIT;"));
  EXPECT_THAT(ids_of(result), Contains("unlocked-before-commit")) << told_by(result);
}

TEST(Replicas, AccuseNoRunnerThatUnlocksAfterItCommits) {
  const core::Result result =
      replicas_of(one_session_runner(std::string(stops) + "SELECT pg_advisory_lock(4711);\nBEGIN;",
                                     "COMMIT;\nSELECT pg_advisory_unlock(4711);"));
  EXPECT_EQ(result.judgement.verdict, Verdict::holds) << told_by(result);
}

// A line a run, a line a replica: no data of the migrations.
TEST(Replicas, AccuseNoRunnerThatLogsItsRuns) {
  const std::string logs =
      std::string(stops) +
      "SELECT pg_advisory_lock(4711);\nCREATE TABLE IF NOT EXISTS runs(id serial, at text);\n"
      "INSERT INTO runs(at) VALUES (clock_timestamp());";
  ScriptedRunner runner(journal_files(),
                        one_session_runner(logs, "SELECT pg_advisory_unlock(4711);"));
  runner.options.replicas = 3;
  for (const auto check : {boot, replicas}) {
    const core::Result result = runner.run(check);
    EXPECT_EQ(result.judgement.verdict, Verdict::holds) << told_by(result);
  }
}

/// The script lies beside the file that it locks.
std::string under_a_file_lock(const std::string& script) {
  const std::string first_line = "#!/bin/bash\n";
  return first_line + "exec 9>\"$1.lock\"; psql -Xqc 'SELECT 1' >/dev/null; flock 9\n" +
         script.substr(first_line.size());
}

// On this machine it keeps replicas apart, on several it does not.
TEST(Replicas, AreUnknownWhereAFileOfThisMachineKeepsThemApart) {
  const core::Result result = replicas_of(under_a_file_lock(one_session_runner(stops, "")));
  EXPECT_EQ(result.judgement.verdict, Verdict::unknown) << told_by(result);
  EXPECT_THAT(result.judgement.reason, HasSubstr("by a lock on a file of this machine (/"));
}

TEST(Replicas, HoldWhereALockOfTheServerStandsBehindAFiles) {
  const core::Result result = replicas_of(under_a_file_lock(locking_runner()));
  EXPECT_EQ(result.judgement.verdict, Verdict::holds) << told_by(result);
}

TEST(Replicas, HoldForTheReferenceRunner) {
  const ScriptedRunner runner(journal_files());
  const core::Result result = runner.run(replicas);
  EXPECT_EQ(result.judgement.verdict, Verdict::holds) << told_by(result);
  EXPECT_EQ(result.subject, "gauntlet-migrate");
}

TEST(Replicas, HoldForTheSampleSet) {
  const ScriptedRunner runner(std::filesystem::path(GAUNTLET_SOURCE_DIR) / "migrations/orders");
  const core::Result result = runner.run(replicas);
  EXPECT_EQ(result.judgement.verdict, Verdict::holds) << told_by(result);
}

// The door and the hold need no superuser: only a role that owns the databases it makes.
TEST(Replicas, HoldOnAGivenServerForARoleThatMayOnlyCreateDatabases) {
  const auto server = arena::Server::start({});
  {
    pqxx::connection connection(server->local().conninfo());
    pqxx::nontransaction sql(connection);
    sql.exec0("CREATE ROLE deployer LOGIN CREATEDB PASSWORD 'let me in'");
    sql.exec0("CREATE DATABASE scratch OWNER deployer");
  }
  ScriptedRunner runner(journal_files());
  runner.arena = arena::open(server->loopback()
                                 .with("user", "deployer")
                                 .with("password", "let me in")
                                 .with_database("scratch")
                                 .conninfo(),
                             {});
  const core::Result result = runner.run(replicas);
  EXPECT_EQ(result.judgement.verdict, Verdict::holds) << told_by(result);
  EXPECT_THAT(result.notes, Contains(HasSubstr("16 sessions of 16 replicas stood at the door")));
}

// A migration that takes its time: of some milliseconds luck may keep sixteen apart.
TEST(Replicas, CatchARunnerWithoutAnyLock) {
  const ScriptedRunner runner(Files{{"1_a.up.sql", "CREATE TABLE a(id int); SELECT pg_sleep(0.2);"},
                                    {"2_b.up.sql", "ALTER TABLE a ADD COLUMN b int;"}},
                              one_session_runner("\\set ON_ERROR_STOP 1", ""));
  const core::Result result = runner.run(replicas);
  EXPECT_EQ(result.judgement.verdict, Verdict::violated) << told_by(result);
  EXPECT_THAT(ids_of(result), Contains("replica-failed"));
}

TEST(Replicas, CatchARunnerThatReadsWhatIsPendingBeforeItTakesTheLock) {
  const ScriptedRunner runner(journal_files(), R"sh(
    psql -Xqc 'SELECT pg_advisory_lock(1)' \
      -c 'CREATE TABLE IF NOT EXISTS tracker(version bigint PRIMARY KEY, name text)' >/dev/null 2>&1
    applied=$(psql -XAtc 'SELECT version FROM tracker')
    { echo 'SELECT pg_advisory_lock(2);'
      for file in "$1"/*.up.sql; do
        base=$(basename "$file" .up.sql); version=${base%%_*}
        grep -qx "$version" <<<"$applied" && continue
        echo "\\i $file"
        echo "INSERT INTO tracker VALUES ($version, '${base#*_}') ON CONFLICT DO NOTHING;"
      done; } | psql -Xq >/dev/null)sh");
  const core::Result result = runner.run(replicas);
  EXPECT_EQ(result.judgement.verdict, Verdict::violated) << told_by(result);
  EXPECT_THAT(ids_of(result), Contains("applied-twice"));
}

TEST(Replicas, CatchARunnerThatFailsWhenAnotherOneHoldsTheLock) {
  const ScriptedRunner runner(
      journal_files(),
      one_session_runner(
          "\\set ON_ERROR_STOP 1\n"
          "SELECT pg_try_advisory_lock(4711) AS mine \\gset\n"
          "\\if :mine\n\\else\nDO 'BEGIN RAISE ''another one migrates''; END';\n\\endif",
          "SELECT pg_sleep(0.2);"));
  const core::Result result = runner.run(replicas);
  EXPECT_EQ(result.judgement.verdict, Verdict::violated) << told_by(result);
  EXPECT_THAT(ids_of(result), Contains("replica-failed"));
  EXPECT_THAT(told_by(result), HasSubstr("another one migrates"));
}

// Sixteen exit 0 and all is applied in the end: but fifteen services started before it was.
TEST(Replicas, CatchARunnerThatReportsSuccessWhereAnotherOneHoldsTheLock) {
  const ScriptedRunner runner(
      journal_files(), one_session_runner("\\set ON_ERROR_STOP 1\n"
                                          "SELECT pg_try_advisory_lock(4711) AS mine \\gset\n"
                                          "\\if :mine\n\\else\n\\q\n\\endif",
                                          ""));
  const core::Result result = runner.run(replicas);
  EXPECT_EQ(result.judgement.verdict, Verdict::violated) << told_by(result);
  EXPECT_THAT(ids_of(result), ElementsAre("success-too-early"));
  EXPECT_THAT(told_by(result), HasSubstr("of 16 replicas ended with exit 0 while migration 2 was "
                                         "pending"));
  EXPECT_THAT(told_by(result), HasSubstr("nobody could record anything before"));
  EXPECT_THAT(result.judgement.findings.front().where.file, HasSubstr("2_first.up.sql"));
}

TEST(Replicas, TakeAnExitThatMeansAnotherOneDidIt) {
  ScriptedRunner runner(
      journal_files(),
      one_session_runner(
          "\\set ON_ERROR_STOP 1\n"
          "SELECT pg_try_advisory_lock(4711) AS mine \\gset\n"
          "\\if :mine\n\\else\nDO 'BEGIN RAISE ''another one migrates''; END';\n\\endif",
          "SELECT pg_sleep(0.2);"));
  runner.options.success_codes = {0, 3};
  const core::Result result = runner.run(replicas);
  EXPECT_EQ(result.judgement.verdict, Verdict::holds) << told_by(result);
}

TEST(Replicas, CatchASessionThatKeepsTheLock) {
  const ScriptedRunner runner(journal_files(), locking_runner() + R"sh(
    (echo 'SELECT pg_try_advisory_lock(99);'; exec sleep 60) | psql -Xq >/dev/null 2>&1 &
    until [ "$(psql -XAtc "SELECT count(*) FROM pg_locks WHERE objid = 99 AND granted")" = 1 ]; do :; done
    exit 0)sh");
  const core::Result result = runner.run(replicas);
  EXPECT_EQ(result.judgement.verdict, Verdict::violated) << told_by(result);
  EXPECT_THAT(ids_of(result), Contains("lock-leaked"));
}

TEST(Replicas, CatchARunnerThatHangs) {
  const ScriptedRunner runner(journal_files(), R"sh(
    mine=$(psql -XAtc 'SELECT pg_try_advisory_lock(5), pg_sleep(0.5)')
    [[ $mine == t* ]] || exec sleep 600
    )sh" + locking_runner());
  const core::Result result =
      replicas_within(runner.context(), {.patience_min = std::chrono::milliseconds(6'000)});
  EXPECT_EQ(result.judgement.verdict, Verdict::violated) << told_by(result);
  EXPECT_THAT(ids_of(result), Contains("replica-stuck"));
}

TEST(Replicas, CatchARunnerThatRecordsOnlyTheMaximum) {
  const ScriptedRunner runner(
      journal_files(),
      one_session_runner(
          "\\set ON_ERROR_STOP 1\nSELECT pg_advisory_lock(4711);",
          "DELETE FROM tracker WHERE version < (SELECT max(version) FROM tracker);"));
  const core::Result result = runner.run(replicas);
  EXPECT_EQ(result.judgement.verdict, Verdict::violated) << told_by(result);
  EXPECT_THAT(ids_of(result), Contains("not-recorded"));
}

TEST(Replicas, AreUnknownWhereASingleRunFails) {
  const ScriptedRunner runner(journal_files(), "echo 'no such flag: --up' >&2; exit 2");
  const core::Result result = runner.run(replicas);
  EXPECT_EQ(result.judgement.verdict, Verdict::unknown);
  EXPECT_THAT(result.judgement.reason, HasSubstr("a single run fails: see boot"));
  EXPECT_THAT(result.judgement.reason, HasSubstr("no such flag: --up"));
}

// Without the door nothing shows that they overlapped.
TEST(Replicas, AreUnknownWhereTheyWereNotSeenTogether) {
  const ScriptedRunner runner(journal_files(), locking_runner());
  const core::Result result =
      replicas_within(runner.context(), {.door_patience = std::chrono::milliseconds(0)});
  EXPECT_EQ(result.judgement.verdict, Verdict::unknown) << told_by(result);
  EXPECT_THAT(result.judgement.reason, HasSubstr("not seen to overlap"));
}

TEST(Replicas, AreUnknownWhereTheServerLacksAnExtension) {
  const ScriptedRunner runner(Files{{"1_geo.up.sql", "CREATE EXTENSION no_such_extension;"}});
  const core::Result result = runner.run(replicas);
  EXPECT_EQ(result.judgement.verdict, Verdict::unknown);
  EXPECT_THAT(result.judgement.reason, HasSubstr("no_such_extension"));
}

TEST(Replicas, AreNotApplicableToASingleDeployer) {
  ScriptedRunner runner(journal_files(), locking_runner());
  runner.options.replicas = 1;
  EXPECT_EQ(runner.run(replicas).judgement.verdict, Verdict::not_applicable);
}

}  // namespace
}  // namespace gauntlet::verify
