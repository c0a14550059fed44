#include "harness/verify/status.h"

#include "harness/verify/test_ground.h"

#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace gauntlet::verify::test {
namespace {

using core::Verdict;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

constexpr std::string_view tracker =
    "CREATE TABLE applied_migrations (version bigint PRIMARY KEY, name text NOT NULL, "
    "applied_at timestamptz NOT NULL DEFAULT now(), checksum text NULL);";

core::Result state_of(const Folder& folder, const GivenServer& server) {
  return judge(options_for(folder, server.address().conninfo()), "status");
}

TEST(Status, HoldsWhileFilesArePending) {
  Folder folder;
  folder.add("001_a.up.sql", "SELECT 1").add("002_b.up.sql", "SELECT 2");

  const core::Result result = judge(options_for(folder, "ephemeral"), "status");

  EXPECT_EQ(result.judgement.verdict, Verdict::holds) << result.judgement.reason;
  EXPECT_THAT(notes_of(result), HasSubstr("0 of 2 applied, pending: 1, 2"));
}

TEST(Status, HoldsAtAGap) {
  const GivenServer server;
  server.run(std::string(tracker) + "INSERT INTO applied_migrations VALUES (1, 'a'), (3, 'c')");
  Folder folder;
  folder.add("001_a.up.sql", "SELECT 1")
      .add("002_b.up.sql", "SELECT 2")
      .add("003_c.up.sql", "SELECT 3");

  const core::Result result = state_of(folder, server);

  EXPECT_EQ(result.judgement.verdict, Verdict::holds);
  EXPECT_THAT(notes_of(result), HasSubstr("2 of 3 applied, pending: 2;"));
}

TEST(Status, FindsWhatIsAppliedAndNotOnDisk) {
  const GivenServer server;
  server.run(std::string(tracker) + "INSERT INTO applied_migrations VALUES (1, 'a'), (9, 'gone')");
  Folder folder;
  folder.add("001_a.up.sql", "SELECT 1");

  const core::Result result = state_of(folder, server);

  ASSERT_THAT(ids_of(result), ElementsAre("applied-unknown"));
  EXPECT_EQ(result.judgement.findings.at(0).where.version, 9);
}

TEST(Status, FindsARename) {
  const GivenServer server;
  server.run(std::string(tracker) + "INSERT INTO applied_migrations VALUES (1, 'old')");
  Folder folder;
  folder.add("001_new.up.sql", "SELECT 1");

  const core::Result result = state_of(folder, server);

  ASSERT_THAT(ids_of(result), ElementsAre("renamed-after-apply"));
  EXPECT_THAT(result.judgement.findings.at(0).message, HasSubstr("\"old\" and is \"new\""));
  EXPECT_THAT(result.judgement.findings.at(0).where.file, HasSubstr("001_new.up.sql"));
}

TEST(Status, FindsAnEditByItsChecksum) {
  const GivenServer server;
  server.run(std::string(tracker) +
             "INSERT INTO applied_migrations VALUES (1, 'a', now(), repeat('0', 64))");
  Folder folder;
  folder.add("001_a.up.sql", "SELECT 1");

  const core::Result result = state_of(folder, server);

  ASSERT_THAT(ids_of(result), ElementsAre("edited-after-apply"));
  EXPECT_THAT(result.judgement.findings.at(0).message,
              HasSubstr(std::string(64, '0') + " in the tracker"));
}

TEST(Status, FindsADirtyPredecessor) {
  const GivenServer server;
  server.run(
      "CREATE TABLE schema_migrations (version bigint PRIMARY KEY, dirty boolean NOT NULL);"
      "INSERT INTO schema_migrations VALUES (1, true)");
  Folder folder;
  folder.add("001_a.up.sql", "SELECT 1");

  EXPECT_THAT(ids_of(state_of(folder, server)), ElementsAre("legacy-dirty"));
}

TEST(Status, ReadsACleanPredecessorAsTheRunnerWould) {
  const GivenServer server;
  server.run(
      "CREATE TABLE schema_migrations (version bigint PRIMARY KEY, dirty boolean NOT NULL);"
      "INSERT INTO schema_migrations VALUES (1, false)");
  Folder folder;
  folder.add("001_a.up.sql", "SELECT 1").add("002_b.up.sql", "SELECT 2");

  const core::Result result = state_of(folder, server);

  EXPECT_THAT(ids_of(result), IsEmpty());
  EXPECT_THAT(notes_of(result), HasSubstr("1 of 2 applied, pending: 2"));
}

TEST(Status, AsksTheTrackerOfAForeignRunner) {
  const GivenServer server;
  server.run("CREATE TABLE mine (v int); INSERT INTO mine VALUES (1), (5)");
  Folder folder;
  folder.add("001_a.up.sql", "SELECT 1").add("002_b.up.sql", "SELECT 2");
  Options options = options_for(folder, server.address().conninfo());
  options.runner = "their-runner";
  options.applied_query = "SELECT v FROM mine";

  const core::Result result = judge(options, "status");

  EXPECT_EQ(result.subject, "their-runner");
  ASSERT_THAT(ids_of(result), ElementsAre("applied-unknown"));
  EXPECT_EQ(result.judgement.findings.at(0).where.version, 5);
}

TEST(Status, CannotTellWithoutATrackerItKnowsAndSaysWhatToDo) {
  const GivenServer server;
  server.run("CREATE TABLE t1 (id int); CREATE TABLE our_migs (version bigint, dirty boolean)");
  Folder folder;
  folder.add("001_t1.up.sql", "CREATE TABLE t1 (id int)");
  for (const bool with_runner : {false, true}) {
    SCOPED_TRACE(with_runner);
    Options options = options_for(folder, server.address().conninfo());
    options.applied_through.reset();
    if (with_runner) options.runner = "their-runner";
    const core::Result result = judge(options, "status");
    EXPECT_EQ(result.judgement.verdict, Verdict::unknown);
    EXPECT_THAT(result.judgement.reason, HasSubstr("public.our_migs looks like a tracker"));
    EXPECT_THAT(result.judgement.reason,
                HasSubstr("--applied-query 'SELECT version FROM public.our_migs'"));
    EXPECT_THAT(result.judgement.reason, testing::EndsWith("--applied-through VERSION"));
    EXPECT_EQ(judge(options, "dry-run").judgement.verdict, Verdict::unknown);
  }
}

TEST(Status, TakesAsAppliedWhatTheUserSaysWhereNoTrackerTells) {
  const GivenServer server;
  server.run("CREATE TABLE t1 (id int)");
  Folder folder;
  folder.add("001_t1.up.sql", "CREATE TABLE t1 (id int)")
      .add("002_t2.up.sql", "CREATE TABLE t2 ()");
  Options options = options_for(folder, server.address().conninfo());
  options.applied_through = 1;
  EXPECT_THAT(notes_of(judge(options, "status")), HasSubstr("1 of 2 applied, pending: 2"));
  EXPECT_EQ(judge(options, "dry-run").judgement.verdict, Verdict::holds);
}

TEST(Status, ReadsAKnownTrackerOfAnotherToolWithoutARunner) {
  const GivenServer server;
  server.run(
      "CREATE TABLE goose_db_version (id serial, version_id bigint, is_applied boolean, tstamp "
      "timestamp); INSERT INTO goose_db_version(version_id, is_applied) VALUES (0, true), (1, "
      "true)");
  Folder folder;
  folder.add("001_a.up.sql", "CREATE TABLE goose_db_version ()").add("002_b.up.sql", "SELECT 2");
  Options options = options_for(folder, server.address().conninfo());
  options.applied_through.reset();
  EXPECT_THAT(notes_of(judge(options, "status")),
              HasSubstr("1 of 2 applied, pending: 2; read from public.goose_db_version"));
  EXPECT_EQ(judge(options, "dry-run").judgement.verdict, Verdict::holds);
  const core::Result boot = judge(options, "boot");
  EXPECT_THAT(told_by(boot),
              HasSubstr("gauntlet-migrate does not go on from public.goose_db_version"));
}

TEST(Status, ReadsItsOwnTrackerBesideAnotherTools) {
  const GivenServer server;
  server.run(std::string(tracker) + "INSERT INTO applied_migrations VALUES (1, '001_a');" +
             "CREATE TABLE alembic_version (version_num varchar(32))");
  Folder folder;
  folder.add("001_001_a.up.sql", "SELECT 1").add("002_b.up.sql", "SELECT 2");
  Options options = options_for(folder, server.address().conninfo());
  options.applied_through.reset();
  const core::Result result = judge(options, "status");
  EXPECT_THAT(ids_of(result), IsEmpty());
  EXPECT_THAT(notes_of(result), HasSubstr("1 of 2 applied, pending: 2"));
}

TEST(Status, TakesADatabaseThatOnlyTheInitSqlFilledAsAllPending) {
  Folder folder;
  folder.add("001_a.up.sql", "SELECT 1");
  Options options = options_for(folder, "ephemeral");
  options.applied_through.reset();
  options.arena.init_sql = "CREATE TABLE legacy (id int)";
  for (const bool with_runner : {false, true}) {
    if (with_runner) options.runner = "their-runner";
    EXPECT_THAT(notes_of(judge(options, "status")), HasSubstr("0 of 1 applied, pending: 1"));
  }
}

TEST(Status, TakesAnEmptyDatabaseOfAForeignRunnerAsAllPending) {
  const GivenServer server;
  Folder folder;
  folder.add("001_a.up.sql", "SELECT 1");
  Options options = options_for(folder, server.address().conninfo());
  options.runner = "their-runner";

  EXPECT_EQ(judge(options, "status").judgement.verdict, Verdict::holds);
}

}  // namespace
}  // namespace gauntlet::verify::test
