// boot and replicas hold a runner to what the files leave, not to its own word.
#include "harness/verify/boot.h"
#include "harness/verify/replicas.h"
#include "harness/verify/scripted_runner.h"
#include "harness/verify/test_ground.h"

#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace gauntlet::verify {
namespace {

using test::ids_of;
using test::told_by;
using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;

Files account_files() {
  return {{"1_accounts.up.sql",
           "CREATE TABLE accounts(id int PRIMARY KEY, cents int);\n"
           "INSERT INTO accounts SELECT g, 100 FROM generate_series(1, 20) g;\n"},
          {"2_bonus.up.sql", "UPDATE accounts SET cents = cents + 1;\n"}};
}

/// For every file that the tracker lacks: `apply`, where $file is its path, and the record.
std::string runner_that(const std::string& apply) {
  return R"sh(#!/bin/bash
psql -Xqt -c "SET client_min_messages = warning" -c "CREATE TABLE IF NOT EXISTS tracker(version bigint PRIMARY KEY, name text NOT NULL)" >/dev/null
for file in $(ls "$1"/*.up.sql | sort -V); do
  base=$(basename "$file" .up.sql); version=${base%%_*}
  [ -n "$(psql -Xqt -c "SELECT 1 FROM tracker WHERE version = $version")" ] && continue
)sh" + apply +
         R"sh(
  psql -Xq -c "INSERT INTO tracker VALUES ($version, '${base#*_}') ON CONFLICT DO NOTHING" || exit 1
done
)sh";
}

constexpr const char* whole_file = "psql -Xq -v ON_ERROR_STOP=1 -f $file >/dev/null || exit 1";

core::Result boot_of(const Files& files, const std::string& apply) {
  return ScriptedRunner(files, runner_that(apply)).run(boot);
}

TEST(Truth, TheHonestRunnerHolds) {
  const core::Result result = boot_of(account_files(), whole_file);

  EXPECT_EQ(result.judgement.verdict, core::Verdict::holds) << told_by(result);
}

/// Letters beyond ASCII, and rows that a trigger writes.
Files letters_and_trigger() {
  return {{"1_notes.up.sql",
           "CREATE TABLE notes(id int, t text);\nCREATE TABLE seen(n int);\n"
           "CREATE FUNCTION see() RETURNS trigger LANGUAGE plpgsql AS\n"
           "$$ BEGIN INSERT INTO seen VALUES (1); RETURN NULL; END $$;\n"
           "CREATE TRIGGER see AFTER INSERT ON notes EXECUTE FUNCTION see();\n"},
          {"2_sizes.up.sql", "INSERT INTO notes VALUES (1, 'Größe');\n"}};
}

TEST(Truth, LettersAndTriggersHoldForTheHonestRunner) {
  const core::Result result = boot_of(letters_and_trigger(), whole_file);
  EXPECT_EQ(result.judgement.verdict, core::Verdict::holds) << told_by(result);
}

// The server takes each byte for a letter.
TEST(Truth, ARunnerThatDeclaresAnotherEncodingThanItSendsIsViolated) {
  const core::Result result = boot_of(
      letters_and_trigger(),
      "{ echo \"SET client_encoding = 'LATIN1';\"; cat $file; } | psql -Xq >/dev/null || exit 1");
  EXPECT_THAT(ids_of(result), ElementsAre("data-differs-from-files")) << told_by(result);
}

TEST(Truth, ARunnerThatTurnsTriggersOffIsViolated) {
  const core::Result result =
      boot_of(letters_and_trigger(),
              "PGOPTIONS='-c session_replication_role=replica' " + std::string(whole_file));
  EXPECT_THAT(ids_of(result), ElementsAre("rows-missing")) << told_by(result);
  EXPECT_THAT(told_by(result), HasSubstr("session_replication_role=replica"));
}

TEST(Truth, ARunnerThatRecordsBeforeItAppliesIsViolated) {
  std::string script = runner_that(whole_file);
  const std::size_t apply = script.find(whole_file);
  const std::size_t record = script.find("  psql -Xq -c \"INSERT");
  const std::string recording = script.substr(record, script.find("\ndone") - record);
  script.erase(record, recording.size());
  script.insert(apply, recording + "\n");
  const core::Result result = ScriptedRunner(account_files(), script).run(boot);
  EXPECT_THAT(ids_of(result), ElementsAre("recorded-before-applied")) << told_by(result);
}

TEST(Truth, ARunnerThatOnlyRecordsIsViolated) {
  const core::Result result = boot_of(account_files(), ": nothing is applied");

  EXPECT_THAT(ids_of(result), Contains("not-applied")) << told_by(result);
  EXPECT_THAT(told_by(result), HasSubstr("statement 1 of 2 of 1_accounts.up.sql was not sent"));
}

TEST(Truth, ARunnerOfTheFirstStatementOfEachFileIsViolated) {
  const core::Result result =
      boot_of(account_files(), "psql -Xq -c \"$(head -n1 $file)\" >/dev/null || exit 1");

  EXPECT_THAT(ids_of(result), ElementsAre("rows-missing")) << told_by(result);
  EXPECT_THAT(told_by(result), HasSubstr("public.accounts holds 0 rows; the files leave 20"));
}

TEST(Truth, ARunnerThatCutsOffALongBackfillIsViolated) {
  Files files = account_files();
  files.push_back({"3_slow.up.sql",
                   "UPDATE accounts SET cents = cents + 5 WHERE pg_sleep(0.05) IS NOT NULL;\n"});
  const core::Result result =
      boot_of(files, "PGOPTIONS='-c statement_timeout=300ms' psql -Xq -f $file >/dev/null 2>&1");

  EXPECT_THAT(ids_of(result), ElementsAre("data-differs-from-files")) << told_by(result);
}

TEST(Truth, ARunnerThatRollsBackAndReportsSuccessIsViolated) {
  const core::Result result = ScriptedRunner(account_files(), "#!/bin/bash\nexit 0\n").run(boot);

  EXPECT_THAT(ids_of(result), Contains("not-applied")) << told_by(result);
}

TEST(Truth, ATableThatAFileDropsAndTheRunnerKeepsIsViolated) {
  Files files = account_files();
  files.push_back({"3_gone.up.sql", "CREATE TABLE keeper(i int);\nDROP TABLE accounts;\n"});
  const core::Result result =
      boot_of(files, "grep -v DROP $file | psql -Xq -v ON_ERROR_STOP=1 >/dev/null || exit 1");

  EXPECT_THAT(ids_of(result), ElementsAre("schema-differs-from-files")) << told_by(result);
}

TEST(Truth, FilesThatAreFilledInAreNotSentAsWritten) {
  Files files = account_files();
  files[1].sql = "UPDATE accounts SET cents = cents + 10;\n";
  const core::Result result =
      boot_of(files,
              "sed 's/cents + 10/cents + 7/' $file | psql -Xq -v ON_ERROR_STOP=1 >/dev/null || "
              "exit 1");

  EXPECT_EQ(result.judgement.verdict, core::Verdict::unknown) << told_by(result);
  EXPECT_THAT(result.judgement.reason, HasSubstr("not sent as written: 2_bonus.up.sql says"));
}

TEST(Truth, ValuesThatDifferByRunAreNotHeldAgainstARunner) {
  const Files files = {{"1_odd.up.sql",
                        "CREATE TABLE facts(k text PRIMARY KEY, v text);\n"
                        "INSERT INTO facts VALUES ('db', current_database()), ('now', now()::text),"
                        " ('pid', pg_backend_pid()::text), ('oid', 'facts'::regclass::oid::text),"
                        " ('xid', txid_current()::text), ('rnd', random()::text),"
                        " ('second', to_char(now(), 'YYYY-MM-DD HH24:MI:SS'));\n"
                        "DO $$ BEGIN EXECUTE format('CREATE TABLE backup_%s AS TABLE facts',"
                        " to_char(clock_timestamp(), 'YYYYMMDDHH24MISSUS')); END $$;\n"}};
  const core::Result result = boot_of(files, whole_file);

  EXPECT_EQ(result.judgement.verdict, core::Verdict::holds) << told_by(result);
  EXPECT_THAT(told_by(result), HasSubstr("not judged, as two plain applications"));
}

TEST(Truth, ASearchPathOfTheRunnersConnectionIsRepeated) {
  const Files files = {{"1_t.up.sql", "CREATE TABLE t(i int);\nINSERT INTO t VALUES (1);\n"}};
  const core::Result result = boot_of(
      files,
      "psql -Xq -c 'CREATE SCHEMA IF NOT EXISTS app' 2>/dev/null\n"
      "  PGOPTIONS='-c search_path=app' psql -Xq -v ON_ERROR_STOP=1 -f $file >/dev/null || exit 1");

  EXPECT_EQ(result.judgement.verdict, core::Verdict::holds) << told_by(result);
}

TEST(Truth, AnotherRoleOfTheRunnersOwnsWhatItCreates) {
  ScriptedRunner runner(
      {{"1_t.up.sql", "CREATE TABLE t(i int);\n"}},
      runner_that("PGUSER=deployer PGPASSWORD=pw psql -Xq -v ON_ERROR_STOP=1 -f $file >/dev/null "
                  "|| exit 1"));
  runner.arena =
      arena::open("ephemeral", {.init_sql = "CREATE ROLE deployer LOGIN SUPERUSER PASSWORD 'pw'"});
  const core::Result result = runner.run(boot);

  EXPECT_EQ(result.judgement.verdict, core::Verdict::holds) << told_by(result);
}

TEST(Truth, AReplicasYardstickIsHeldToTheFiles) {
  const core::Result result =
      ScriptedRunner(account_files(), runner_that(": nothing is applied")).run(replicas);

  EXPECT_THAT(ids_of(result), Contains("not-applied")) << told_by(result);
}

}  // namespace
}  // namespace gauntlet::verify
