#include "harness/verify/test_ground.h"
#include "runner/postgres.h"

#include <algorithm>
#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace gauntlet::verify::test {
namespace {

using core::Verdict;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

/// Locks of one file: `public.a AccessExclusiveLock rewritten`, sorted by name.
std::vector<std::string> locks_of(const core::Result& result, std::size_t file) {
  std::vector<std::string> locks;
  for (const core::RelationLock& lock : result.files.at(file).locks) {
    locks.push_back(lock.relation + " " + lock.mode + (lock.rewritten ? " rewritten" : ""));
  }
  return locks;
}

/// A rehearsal of `sql` after a file that makes table a, and one that nothing but a rehearsal can
/// run.
core::Result rehearsal_of(const std::string& sql) {
  Folder folder;
  folder
      .add("001_a.up.sql",
           "CREATE TABLE a (id int); INSERT INTO a SELECT generate_series(1, 1000);")
      .add("002_vacuum.up.sql", "-- gauntlet: no-transaction\nVACUUM;")
      .add("003_b.up.sql", sql);
  return judge(options_for(folder, "ephemeral"), "dry-run");
}

TEST(Rehearsal, TellsALockOnATableThatExistedBefore) {
  const core::Result result = rehearsal_of("ALTER TABLE a ADD COLUMN b int;");

  EXPECT_EQ(result.judgement.verdict, Verdict::holds) << result.judgement.reason;
  EXPECT_THAT(locks_of(result, 2), ElementsAre("public.a AccessExclusiveLock"));
}

TEST(Rehearsal, TellsThatATableIsRewritten) {
  const core::Result result = rehearsal_of("ALTER TABLE a ALTER COLUMN id TYPE bigint;");

  EXPECT_THAT(locks_of(result, 2), ElementsAre("public.a AccessExclusiveLock rewritten"));
}

TEST(Rehearsal, TellsTheLockOnATableThatTheFileDrops) {
  EXPECT_THAT(locks_of(rehearsal_of("DROP TABLE a;"), 2),
              ElementsAre("public.a AccessExclusiveLock"));
}

TEST(Rehearsal, NamesARenamedTableAsItsUsersKnewIt) {
  EXPECT_THAT(locks_of(rehearsal_of("ALTER TABLE a RENAME TO z;"), 2),
              ElementsAre("public.a AccessExclusiveLock"));
}

TEST(Rehearsal, DoesNotTellLocksOnWhatTheFileMakesItself) {
  const core::Result result =
      rehearsal_of("CREATE TABLE b (id int); ALTER TABLE b ADD COLUMN c int;");

  EXPECT_THAT(locks_of(result, 2), IsEmpty());
}

TEST(Rehearsal, TellsHowLongALockIsHeld) {
  const core::Result result =
      rehearsal_of("SELECT pg_sleep(0.2); LOCK TABLE a IN SHARE MODE; SELECT pg_sleep(0.3);");

  ASSERT_THAT(locks_of(result, 2), ElementsAre("public.a ShareLock"));
  const double held = result.files.at(2).locks.at(0).held.count();
  EXPECT_GT(held, 0.1);
  EXPECT_LT(held, result.files.at(2).seconds.count() - 0.1);
}

TEST(Rehearsal, SamplesWhatRunsOutsideATransaction) {
  const core::Result result = rehearsal_of(
      "-- gauntlet: no-transaction\nDO $$ BEGIN LOCK TABLE a IN EXCLUSIVE MODE; "
      "PERFORM pg_sleep(0.2); END $$;\nALTER TABLE a ALTER COLUMN id TYPE bigint;");

  EXPECT_THAT(locks_of(result, 2), ElementsAre(HasSubstr("public.a")));
  EXPECT_TRUE(result.files.at(2).locks.at(0).rewritten);
  EXPECT_THAT(notes_of(result), HasSubstr("sampled every 5 ms"));
}

TEST(Rehearsal, FindsTheFailingStatementOfAMarkedFile) {
  const core::Result result =
      rehearsal_of("-- gauntlet: no-transaction\nSELECT 'ä';\nSELECT 'ö', oops FROM a;");

  ASSERT_THAT(ids_of(result), ElementsAre("migration-fails"));
  EXPECT_EQ(result.judgement.findings.at(0).where.line, 3);
  EXPECT_EQ(result.judgement.findings.at(0).where.column, 13);
}

TEST(Rehearsal, TellsAConstraintThatFailsAtCommit) {
  const core::Result result = rehearsal_of(
      "CREATE TABLE p (id int PRIMARY KEY);"
      "CREATE TABLE c (p int REFERENCES p DEFERRABLE INITIALLY DEFERRED);"
      "INSERT INTO c VALUES (1);");

  EXPECT_THAT(ids_of(result), ElementsAre("constraint-fails-at-commit"));
}

TEST(Rehearsal, LeavesAGivenServerAsItWas) {
  const GivenServer server;
  server.run("CREATE TABLE kept (id int); INSERT INTO kept VALUES (1)");
  Folder folder;
  folder.add("001_a.up.sql", "INSERT INTO kept VALUES (2);")
      .add("002_b.up.sql",
           "-- gauntlet: no-transaction\nCREATE INDEX CONCURRENTLY i ON kept (id);");

  const core::Result result = judge(options_for(folder, server.address().conninfo()), "dry-run");

  EXPECT_EQ(result.judgement.verdict, Verdict::holds) << result.judgement.reason;
  EXPECT_EQ(server.value("SELECT count(*) FROM kept"), "1");
  EXPECT_EQ(server.value("SELECT count(*) FROM pg_database WHERE datname LIKE 'gauntlet%'"), "0");
}

TEST(Rehearsal, RunsOnTheDataOfTheGivenDatabase) {
  const GivenServer server;
  server.run("CREATE TABLE kept (id int); INSERT INTO kept VALUES (1), (1)");
  Folder folder;
  folder.add("001_a.up.sql",
             "-- gauntlet: no-transaction\nCREATE UNIQUE INDEX CONCURRENTLY i ON kept (id);");

  const core::Result result = judge(options_for(folder, server.address().conninfo()), "dry-run");

  ASSERT_THAT(ids_of(result), ElementsAre("migration-fails"));
  EXPECT_THAT(result.judgement.findings.at(0).message, HasSubstr("23505"));
}

TEST(Rehearsal, SaysThatTheRowsOfALargeDatabaseAreASample) {
  const GivenServer server;
  server.run("CREATE TABLE kept (id int); INSERT INTO kept VALUES (1), (1)");
  Folder folder;
  folder.add("001_a.up.sql",
             "-- gauntlet: no-transaction\nCREATE UNIQUE INDEX CONCURRENTLY i ON kept (id);");
  Options options = options_for(folder, server.address().conninfo());
  options.arena.copy_bytes_max = 1;

  const core::Result result = judge(options, "dry-run");

  EXPECT_THAT(ids_of(result), ElementsAre("migration-fails")) << told_by(result);
  EXPECT_THAT(notes_of(result), HasSubstr("rows: sampled"));
}

TEST(Rehearsal, KeepsAFailingCopyAndSaysHowToReachIt) {
  const GivenServer server;
  server.run("CREATE TABLE before (id int)");
  Folder folder;
  folder.add("001_a.up.sql", "CREATE TABLE kept (id int);")
      .add("002_b.up.sql",
           "-- gauntlet: no-transaction\nCREATE INDEX CONCURRENTLY i ON oops (id);");
  Options options = options_for(folder, server.address().conninfo());
  options.keep = true;

  const core::Result result = judge(options, "dry-run");

  ASSERT_THAT(ids_of(result), ElementsAre("migration-fails"));
  const auto kept = std::find_if(result.notes.begin(), result.notes.end(),
                                 [](const auto& note) { return note.starts_with("kept: "); });
  ASSERT_NE(kept, result.notes.end()) << told_by(result);
  const auto session = runner::connect_postgres(kept->substr(6));
  EXPECT_EQ(
      session->send("SELECT to_regclass('kept') || ' ' || to_regclass('before')").at(0).rows[0][0],
      "kept before");
}

TEST(Rehearsal, EndsAMigrationThatNeverEnds) {
  Folder folder;
  folder.add("001_a.up.sql", "-- gauntlet: no-transaction\nSELECT pg_sleep(3600);");
  Options options = options_for(folder, "ephemeral");
  options.statement_timeout = std::chrono::milliseconds(200);

  const core::Result result = judge(options, "dry-run");

  EXPECT_EQ(result.judgement.verdict, Verdict::unknown);
  EXPECT_THAT(result.judgement.reason, HasSubstr("--statement-timeout 200ms"));
}

TEST(Rehearsal, LetsAForeignRunnersLoneBlockCommit) {
  Folder folder;
  folder.add("1_a.up.sql", "CREATE TABLE a (id int)")
      .add("2_b.up.sql", "DO $$ BEGIN INSERT INTO a VALUES (1); COMMIT; END $$");
  Options options = options_for(folder, "ephemeral");
  options.format = *formats::find_format("golang-migrate");
  options.runner = "migrate";

  EXPECT_EQ(judge(options, "dry-run").judgement.verdict, Verdict::holds);
}

}  // namespace
}  // namespace gauntlet::verify::test
