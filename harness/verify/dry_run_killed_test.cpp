// A dry run that is killed in the middle, and one that meets somebody else at work: the given
// database stays as it was.
#include "harness/verify/test_ground.h"

#include <chrono>
#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

namespace gauntlet::verify::test {
namespace {

/// Asks until `query` answers true or ten seconds are over.
bool comes_true(const GivenServer& server, const std::string& query) {
  const auto session = server.connect();
  const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(10);
  while (std::chrono::steady_clock::now() < deadline) {
    if (session->query(query).rows.at(0).at(0) == "t") return true;
    session->query("SELECT pg_sleep(0.02)");
  }
  return false;
}

/// A process that makes a dry run and does nothing else.
pid_t start_dry_run(const Options& options) {
  const pid_t child = fork();
  if (child == 0) {
    judge(options, "dry-run");
    _exit(0);
  }
  return child;
}

TEST(DryRunKilled, LeavesTheDatabaseAsItWas) {
  const GivenServer server;
  server.run("CREATE TABLE kept (id int); INSERT INTO kept VALUES (1)");
  Folder folder;
  folder.add("001_a.up.sql", "CREATE TABLE a (id int); INSERT INTO kept VALUES (2);")
      .add("002_b.up.sql", "SELECT pg_sleep(60);");
  Options options = options_for(folder, server.address().conninfo());
  options.in_place = true;
  options.in_place_max = std::chrono::milliseconds(60'000);
  const pid_t child = start_dry_run(options);
  const bool sleeping =
      comes_true(server,
                 "SELECT EXISTS (SELECT FROM pg_stat_activity WHERE wait_event = 'PgSleep' "
                 "AND application_name = 'gauntlet dry-run')");

  kill(child, SIGKILL);
  waitpid(child, nullptr, 0);

  EXPECT_TRUE(sleeping);
  EXPECT_TRUE(comes_true(server,
                         "SELECT NOT EXISTS (SELECT FROM pg_stat_activity "
                         "WHERE application_name = 'gauntlet dry-run')"));
  EXPECT_EQ(server.value("SELECT count(*) || ' ' || (to_regclass('a') IS NULL) FROM kept"),
            "1 true");
}

TEST(DryRunKilled, IsUnknownWhenTheServerEndsTheSession) {
  Folder folder;
  folder.add("001_a.up.sql", "SELECT pg_terminate_backend(pg_backend_pid());");
  Options options = options_for(folder, "ephemeral");

  const core::Result result = judge(options, "dry-run");

  EXPECT_EQ(result.judgement.verdict, core::Verdict::unknown);
}

TEST(DryRunBesideOthers, IsUnknownWhenSomebodyElseChangedTheDatabase) {
  const GivenServer server;
  const auto user = server.connect();
  Folder folder;
  // The file itself plays the other session: nothing else can act exactly between before and after.
  folder.add("001_a.up.sql",
             "CREATE EXTENSION dblink; DO $$ BEGIN PERFORM dblink_exec(format("
             "'dbname=app user=%s host=%s port=%s', current_user, "
             "split_part(current_setting('unix_socket_directories'), ',', 1), "
             "current_setting('port')), 'CREATE TABLE theirs (id int)'); END $$;");

  Options options = options_for(folder, server.address().conninfo());
  options.in_place = true;

  const core::Result result = judge(options, "dry-run");

  EXPECT_EQ(result.judgement.verdict, core::Verdict::unknown);
  EXPECT_THAT(result.judgement.reason,
              testing::HasSubstr("somebody else changed the database meanwhile"));
  EXPECT_THAT(result.judgement.reason, testing::HasSubstr("theirs"));
}

}  // namespace
}  // namespace gauntlet::verify::test
