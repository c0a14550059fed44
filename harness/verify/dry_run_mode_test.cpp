// Which pending sets are rehearsed whole on a copy, where one transaction cannot hold them.
#include "harness/verify/test_ground.h"

#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace gauntlet::verify::test {
namespace {

using core::Verdict;
using testing::ElementsAre;
using testing::HasSubstr;

TEST(DryRun, RehearsesAllFilesWhenOneCannotRunInATransaction) {
  Folder folder;
  for (int number = 1; number <= 8; ++number) {
    const std::string digit = std::to_string(number);
    folder.add("00" + digit + "_t.up.sql",
               number == 5 ? "-- gauntlet: no-transaction\nCREATE INDEX CONCURRENTLY i ON t1 (id);"
                           : "CREATE TABLE t" + digit + " (id int);");
  }

  const core::Result result = dry_run_of(folder);

  EXPECT_EQ(result.judgement.verdict, Verdict::holds) << result.judgement.reason;
  EXPECT_EQ(result.files.size(), 8U);
  EXPECT_THAT(notes_of(result), HasSubstr("rehearsed whole: 005 says CREATE INDEX CONCURRENTLY"));
}

TEST(DryRun, RehearsesANewEnumValueThatTheNextFileUses) {
  Folder folder;
  folder.add("001_a.up.sql", "CREATE TYPE mood AS ENUM ('sad');")
      .add("002_b.up.sql", "ALTER TYPE mood ADD VALUE 'glad';")
      .add("003_c.up.sql", "CREATE TABLE m (m mood DEFAULT 'glad'); INSERT INTO m DEFAULT VALUES;");

  const core::Result result = dry_run_of(folder);

  EXPECT_EQ(result.judgement.verdict, Verdict::holds) << result.judgement.reason;
  EXPECT_THAT(notes_of(result), HasSubstr("rehearsed whole: 003 cannot share a transaction"));
}

TEST(DryRun, RehearsesADoBlockThatCommitsAndTellsThatTheRunnerWouldFail) {
  Folder folder;
  folder.add("001_a.up.sql", "CREATE TABLE a (id int);")
      .add("002_b.up.sql", "DO $$ BEGIN INSERT INTO a VALUES (1); COMMIT; END $$;");

  const core::Result result = dry_run_of(folder);

  EXPECT_THAT(ids_of(result), ElementsAre("migration-fails"));
  EXPECT_THAT(notes_of(result), HasSubstr("rehearsed whole: 002"));
}

TEST(DryRun, RunsADoBlockThatCommitsOutsideATransaction) {
  Folder folder;
  folder.add("001_a.up.sql", "CREATE TABLE a (id int);")
      .add("002_b.up.sql",
           "-- gauntlet: no-transaction\nDO $$ BEGIN INSERT INTO a VALUES (1); COMMIT; END $$;");

  const core::Result result = dry_run_of(folder);

  EXPECT_EQ(result.judgement.verdict, Verdict::holds) << result.judgement.reason;
}

TEST(DryRun, RehearsesTemporaryTablesThatEndAtCommit) {
  Folder folder;
  folder.add("001_a.up.sql", "CREATE TEMP TABLE t (id int) ON COMMIT DROP;")
      .add("002_b.up.sql", "CREATE TEMP TABLE t (id int) ON\n COMMIT DROP;");

  const core::Result result = dry_run_of(folder);

  EXPECT_EQ(result.judgement.verdict, Verdict::holds) << result.judgement.reason;
  EXPECT_THAT(notes_of(result), HasSubstr("001 says ON COMMIT"));
}

TEST(DryRun, RehearsesAFileThatWouldWaitLongerForLocks) {
  const GivenServer server;
  Folder folder;
  folder.add("001_a.up.sql", "SET lock_timeout = '1h'; CREATE TABLE a (id int);");

  const core::Result result = dry_run_of(folder, server);

  EXPECT_EQ(result.judgement.verdict, Verdict::holds) << result.judgement.reason;
  EXPECT_THAT(notes_of(result), HasSubstr("001 sets lock_timeout"));
}

TEST(DryRun, NeedsTheRightToCreateDatabasesForARehearsal) {
  const GivenServer server;
  server.run("CREATE ROLE poor LOGIN; GRANT CREATE ON SCHEMA public TO poor");
  Folder folder;
  folder.add("001_a.up.sql", "CREATE TABLE a (id int);")
      .add("002_b.up.sql", "-- gauntlet: no-transaction\nCREATE INDEX CONCURRENTLY i ON a (id);");

  const core::Result result =
      judge(options_for(folder, server.address().with("user", "poor").conninfo()), "dry-run");

  EXPECT_EQ(result.judgement.verdict, Verdict::unknown);
  EXPECT_THAT(result.judgement.reason, HasSubstr("CREATEDB"));
  EXPECT_THAT(result.judgement.reason, HasSubstr("--database ephemeral"));
}

TEST(DryRun, DoesNotRunOnAGivenServerWhatNoRollbackHolds) {
  const GivenServer server;
  Folder folder;
  folder.add("001_a.up.sql", "CREATE TABLE a (id int);")
      .add("002_b.up.sql", "COPY a TO PROGRAM 'cat > /dev/null';")
      .add("003_c.up.sql", "SELECT 1;");

  const core::Result result = dry_run_of(folder, server);

  EXPECT_EQ(result.judgement.verdict, Verdict::unknown);
  EXPECT_THAT(result.judgement.reason, HasSubstr("002_b.up.sql is not run on a given server"));
  EXPECT_THAT(outcomes_of(result), ElementsAre("ok", "not judged: not run on a given server",
                                               "not judged: follows 002"));
}

TEST(DryRun, RehearsesOnItsOwnServerWhatNoRollbackHolds) {
  Folder folder;
  folder.add("001_a.up.sql", "CREATE TABLE a (id int);")
      .add("002_b.up.sql", "COPY a TO PROGRAM 'cat > /dev/null';");

  const core::Result result = dry_run_of(folder);

  EXPECT_EQ(result.judgement.verdict, Verdict::holds) << result.judgement.reason;
}

TEST(DryRun, RehearsesOnlyWhatMayBeDoneToAGivenServer) {
  const GivenServer server;
  Folder folder;
  folder.add("001_a.up.sql", "CREATE ROLE app_owner;")
      .add("002_b.up.sql", "-- gauntlet: no-transaction\nVACUUM;");

  const core::Result result = dry_run_of(folder, server);

  EXPECT_EQ(result.judgement.verdict, Verdict::unknown);
  EXPECT_THAT(result.judgement.reason, HasSubstr("--allow-cluster-changes"));
  EXPECT_EQ(server.value("SELECT count(*) FROM pg_roles WHERE rolname = 'app_owner'"), "0");
}

}  // namespace
}  // namespace gauntlet::verify::test
