// The program itself, as production runs it: real processes, real signals.
#include "harness/arena/pooler.h"
#include "harness/reference/processes_test.h"
#include "harness/reference/server_fixture_test.h"
#include "runner/turn/lock.h"

#include <csignal>

namespace gauntlet::runner {
namespace {

using process::Process;
using testing::AllOf;
using testing::Each;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

constexpr const char* somebody_holds_the_lock =
    "SELECT EXISTS (SELECT FROM pg_locks WHERE locktype = 'advisory' AND granted AND objid <> "
    "4242)";
constexpr const char* of_waiters =
    "FROM pg_stat_activity a WHERE application_name = 'gauntlet-migrate' AND state = 'idle'"
    " AND query LIKE 'BEGIN ISOLATION%pg_try_advisory_lock%' AND NOT EXISTS (SELECT FROM pg_locks l"
    " WHERE l.pid = a.pid AND l.locktype = 'advisory' AND l.granted)";
constexpr const char* nobody_is_left =
    "SELECT NOT EXISTS (SELECT FROM pg_stat_activity WHERE application_name = 'gauntlet-migrate')";

class Program : public OnServer {
 protected:
  process::Command command(std::vector<std::string> arguments) const {
    return migrate_command(std::move(arguments), server_->local().url());
  }
  process::Command up_command(const std::vector<std::string>& more = {}) const {
    std::vector<std::string> arguments{"up", "--migrations", folder_.string()};
    arguments.insert(arguments.end(), more.begin(), more.end());
    return command(arguments);
  }
  process::Finished finish(const std::vector<std::string>& arguments) const {
    return process::run(command(arguments), process_patience);
  }

  /// A waiter that has tried twice has sent LISTEN in between.
  bool a_waiter_listens() const {
    if (!eventually(std::string("SELECT EXISTS (SELECT ") + of_waiters + ")")) return false;
    // It may be at LISTEN already.
    const std::string tried =
        value(std::string("SELECT coalesce(max(query_start), clock_timestamp()) ") + of_waiters);
    return eventually(std::string("SELECT EXISTS (SELECT ") + of_waiters + " AND query_start > '" +
                      tried + "')");
  }

  /// A first migration that stands still while this session lives.
  std::unique_ptr<Session> write_migration_that_waits(const std::string& then) const {
    auto gate = connect();
    gate->send("SELECT pg_advisory_lock(4242)");
    write("1_waits.up.sql", "SELECT pg_advisory_xact_lock(4242);" + then);
    return gate;
  }
};

TEST_F(Program, SixteenCopiesApplyEachMigrationOnce) {
  write("1_journal.up.sql", "CREATE TABLE journal(x int)");
  for (int version = 2; version < 7; ++version) {
    write(std::to_string(version) + "_data.up.sql",
          "INSERT INTO journal VALUES (" + std::to_string(version) + "); SELECT pg_sleep(0.02)");
  }
  EXPECT_THAT(codes_of_sixteen(up_command()), Each(0));
  EXPECT_EQ(value("SELECT string_agg(x::text, ',' ORDER BY x) FROM journal"), "2,3,4,5,6");
}

TEST_F(Program, SixteenCopiesBuildAnIndexConcurrently) {
  write("1_table.up.sql", "CREATE TABLE t AS SELECT generate_series(1, 20000) AS x");
  write("2_index.up.sql", "-- gauntlet: no-transaction\nCREATE INDEX CONCURRENTLY i ON t(x)");
  write("3_data.up.sql", "INSERT INTO t VALUES (0)");
  EXPECT_THAT(codes_of_sixteen(up_command()), Each(0));
  EXPECT_EQ(value("SELECT indisvalid FROM pg_index WHERE indexrelid = 'i'::regclass"), "t");
  EXPECT_EQ(value("SELECT count(*) FROM t"), "20001");
}

TEST_F(Program, SendsOneStatementToAMigratedDatabase) {
  write("1_a.up.sql", "SELECT 1");
  up();
  run("ALTER SYSTEM SET log_statement = 'all'");
  run("ALTER SYSTEM SET log_line_prefix = '%a|'");
  run("SELECT pg_reload_conf()");
  ASSERT_TRUE(eventually("SELECT current_setting('log_statement') = 'all'"));
  const std::size_t before = server_->log().size();
  ASSERT_EQ(process::run(up_command(), process_patience).exit.code, 0);
  const std::string log = server_->log().substr(before);
  std::size_t statements = 0;
  const std::string line = "gauntlet-migrate|LOG:  statement:";
  for (auto at = log.find(line); at != std::string::npos; at = log.find(line, at + 1)) ++statements;
  EXPECT_EQ(statements, 1U) << log;
}

// They leave it to their end to close their connections.
TEST_F(Program, CopiesThatLeaveAreNoErrorToTheServer) {
  write("1_a.up.sql", "SELECT pg_sleep(0.1)");
  const std::size_t before = server_->log().size();
  EXPECT_THAT(codes_of_sixteen(up_command()), Each(0));
  EXPECT_TRUE(eventually(nobody_is_left));
  EXPECT_EQ(value(somebody_holds_the_lock), "f");
  const std::string log = server_->log().substr(before);
  EXPECT_THAT(log, Not(HasSubstr("EOF")));
  EXPECT_THAT(log, Not(HasSubstr("could not")));
}

// Each needs a second server session for a moment, to see how the pooler lends them.
TEST_F(Program, SixteenCopiesTakeTurnsBehindAPoolerWithTwentySessions) {
  write("1_journal.up.sql", "CREATE TABLE journal(x int)");
  write("2_data.up.sql", "INSERT INTO journal VALUES (2); SELECT pg_sleep(0.1)");
  const arena::Pooler pooler(*server_,
                             {.mode = arena::PoolerOptions::Mode::session, .pool_size = 20});
  EXPECT_THAT(codes_of_sixteen(migrate_command({"up", "--migrations", folder_.string()},
                                               pooler.address().url())),
              Each(0));
  EXPECT_EQ(value("SELECT count(*) FROM journal"), "1");
}

TEST_F(Program, AWaiterLeavesAtItsTimeoutAndNamesTheHolder) {
  const auto gate = write_migration_that_waits("SELECT 1");
  Process holder = Process::start(up_command());
  ASSERT_TRUE(eventually(somebody_holds_the_lock));
  const auto waiter = process::run(up_command({"--wait", "300ms"}), process_patience);
  EXPECT_EQ(waiter.exit.code, 1);
  EXPECT_THAT(
      waiter.err,
      AllOf(HasSubstr("error[lock-timeout]: another runner held the migration lock for"),
            HasSubstr("held by pid "), HasSubstr("\"gauntlet-migrate\" over a local socket"),
            HasSubstr("pg_advisory_xact_lock(4242)"), HasSubstr("pg_terminate_backend("),
            HasSubstr("--wait sets how long to wait")));
}

TEST_F(Program, AWaiterSaysForWhomItWaits) {
  const auto gate = write_migration_that_waits("SELECT 1");
  Process holder = Process::start(up_command());
  ASSERT_TRUE(eventually(somebody_holds_the_lock));
  const auto waiter = process::run(up_command({"--wait", "2500ms", "--jsonl"}), process_patience);
  EXPECT_THAT(waiter.out, AllOf(HasSubstr("{\"event\":\"waiting\",\"holder\":\"pid "),
                                HasSubstr("{\"event\":\"error\",\"code\":\"lock-timeout\"")));
  const auto status = finish({"status", "--migrations", folder_.string()});
  EXPECT_THAT(status.out, HasSubstr("migration lock held by pid "));
}

TEST_F(Program, AFailureIsToldToTheWaitersWhichLeave) {
  auto gate = write_migration_that_waits("SELECT 1/0");
  Process holder = Process::start(up_command());
  ASSERT_TRUE(eventually(somebody_holds_the_lock));
  Process waiter = Process::start(up_command());
  ASSERT_TRUE(a_waiter_listens());
  gate.reset();
  EXPECT_EQ(holder.wait_for(process_patience)->code, 1);
  EXPECT_EQ(waiter.wait_for(process_patience)->code, 1);
  EXPECT_THAT(waiter.err(),
              AllOf(HasSubstr("error[failed-elsewhere]: migration 1 (waits) has just failed in "
                              "another replica, process " +
                              std::to_string(holder.pid()) + " on "),
                    HasSubstr("--retry-failed")));
}

TEST_F(Program, AWaiterTriesForItselfWhenToldTo) {
  auto gate = write_migration_that_waits("SELECT 1/0");
  Process holder = Process::start(up_command());
  ASSERT_TRUE(eventually(somebody_holds_the_lock));
  Process waiter = Process::start(up_command({"--retry-failed"}));
  ASSERT_TRUE(a_waiter_listens());
  gate.reset();
  EXPECT_EQ(waiter.wait_for(process_patience)->code, 1);
  EXPECT_THAT(waiter.err(),
              HasSubstr("error[migration-failed]: migration 1 (waits) failed: division by zero"));
}

TEST_F(Program, AKilledHoldersStatementEndsAndAWaiterTakesOver) {
  run("CREATE TABLE gate(x int); INSERT INTO gate VALUES (1)");
  write("1_slow.up.sql",
        "DO $$BEGIN IF EXISTS (SELECT FROM gate) THEN PERFORM pg_sleep(600); END IF; END$$");
  Process holder = Process::start(up_command());
  ASSERT_TRUE(
      eventually("SELECT EXISTS (SELECT FROM pg_stat_activity WHERE wait_event = 'PgSleep')"));
  Process waiter = Process::start(up_command());
  ASSERT_TRUE(a_waiter_listens());
  run("DELETE FROM gate");
  holder.kill_group();
  EXPECT_EQ(waiter.wait_for(process_patience)->code, 0);
  EXPECT_EQ(value("SELECT count(*) FROM applied_migrations"), "1");
}

TEST_F(Program, AHolderKilledBetweenStatementsLeavesTheLock) {
  write("1_a.up.sql", "CREATE TABLE t(x int)");
  auto held = connect();
  held->send("SELECT pg_advisory_lock(" + std::to_string(lock_key_of("public.applied_migrations")) +
             ")");
  Process waiter = Process::start(up_command());
  ASSERT_TRUE(a_waiter_listens());
  run("SELECT pg_terminate_backend(" + std::to_string(held->backend_pid()) + ")");
  EXPECT_EQ(waiter.wait_for(process_patience)->code, 0);
}

TEST_F(Program, ASignalLeavesNothingBehind) {
  write("1_slow.up.sql", "CREATE TABLE t(x int);\nSELECT pg_sleep(600)");
  for (const auto& [signal, code] : {std::pair{SIGTERM, 143}, std::pair{SIGINT, 130}}) {
    SCOPED_TRACE(signal);
    Process running = Process::start(up_command());
    ASSERT_TRUE(
        eventually("SELECT EXISTS (SELECT FROM pg_stat_activity WHERE wait_event = 'PgSleep')"));
    running.signal(signal);
    EXPECT_EQ(running.wait_for(process_patience)->code, code);
    EXPECT_THAT(running.err(),
                HasSubstr("error[interrupted]: migration 1 (slow): interrupted while "
                          "a statement ran; it was cancelled"));
    EXPECT_TRUE(eventually(nobody_is_left));
    EXPECT_EQ(value("SELECT to_regclass('t')"), "null");
  }
}

TEST_F(Program, ASignalEndsAWaiter) {
  const auto gate = write_migration_that_waits("SELECT 1");
  Process holder = Process::start(up_command());
  ASSERT_TRUE(eventually(somebody_holds_the_lock));
  Process waiter = Process::start(up_command());
  ASSERT_TRUE(a_waiter_listens());
  waiter.signal(SIGTERM);
  EXPECT_EQ(waiter.wait_for(process_patience)->code, 143);
  EXPECT_THAT(waiter.err(), HasSubstr("error[interrupted]: interrupted; nothing was applied"));
}

TEST_F(Program, ALostConnectionIsToldAsInDoubt) {
  write("1_slow.up.sql", "SELECT pg_sleep(600)");
  Process running = Process::start(up_command());
  ASSERT_TRUE(
      eventually("SELECT EXISTS (SELECT FROM pg_stat_activity WHERE wait_event = 'PgSleep')"));
  run("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE wait_event = 'PgSleep'");
  EXPECT_EQ(running.wait_for(process_patience)->code, 1);
  EXPECT_THAT(running.err(),
              AllOf(HasSubstr("error[connection-lost]: while migration 1 (slow) ran, the "
                              "connection to the server was lost: terminating connection"),
                    HasSubstr("whether it took effect is not known: `gauntlet-migrate status`")));
}

TEST_F(Program, AnswersByExitCodeAndJson) {
  write("1_a.up.sql", "SELECT 1");
  const std::string folder = folder_.string();
  EXPECT_EQ(finish({"check", "--migrations", folder}).exit.code, 1);
  EXPECT_THAT(finish({"plan", "--migrations", folder, "--json"}).out,
              HasSubstr("{\"schema\":1,\"pending\":[{\"version\":1,\"name\":\"a\","));
  const auto applied = finish({"up", "--migrations", folder, "--jsonl"});
  EXPECT_THAT(
      applied.out,
      HasSubstr("{\"event\":\"migration-started\",\"version\":1,\"name\":\"a\",\"number\":1"));
  const auto check = finish({"check", "--migrations", folder});
  EXPECT_EQ(check.exit.code, 0);
  EXPECT_EQ(check.out, "compatible: 1 applied\n");
  EXPECT_THAT(
      finish({"status", "--migrations", folder, "--json"}).out,
      AllOf(
          HasSubstr(
              "{\"schema\":1,\"state\":\"compatible\",\"known_max\":1,\"migrations\":[{\"version\":"
              "1,\"name\":\"a\",\"state\":\"applied\",\"applied_at\":\"2"),
          HasSubstr("\"lock_holder\":null")));
}

TEST_F(Program, CannotTellWithoutAServerAndNeverPrintsThePassword) {
  const auto check = finish({"check", "--migrations", folder_.string(), "--database",
                             "postgresql://me:hush@127.0.0.1:1/x"});
  EXPECT_EQ(check.exit.code, 3);
  EXPECT_THAT(check.err,
              AllOf(HasSubstr("postgresql://me:***@127.0.0.1:1/x"), Not(HasSubstr("hush"))));
  EXPECT_THAT(check.out, IsEmpty());
}

}  // namespace
}  // namespace gauntlet::runner
