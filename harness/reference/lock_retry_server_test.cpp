// What a migration that waits for a table's lock does to others, what failures are shared, and what
// the server reports meanwhile.
#include "harness/reference/race_test.h"
#include "harness/reference/server_fixture_test.h"
#include "runner/inspect.h"

#include <future>
#include <string>
#include <vector>

namespace gauntlet::runner {
namespace {

using std::chrono::milliseconds;
using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

class LockRetry : public OnServer {
 protected:
  LockRetry() { run("CREATE TABLE busy(id int)"); }

  std::unique_ptr<Session> reader() const {
    auto session = connect();
    session->send("BEGIN; SELECT count(*) FROM busy");
    return session;
  }
  static RunOptions impatient(int times = 20) {
    RunOptions options;
    options.lock_timeout = milliseconds(50);
    options.lock_retries.times = times;
    return options;
  }
};

TEST_F(LockRetry, AppliesTheWholeFileOnceItsTableIsFree) {
  write("1_busy.up.sql", "CREATE TABLE first(x int); ALTER TABLE busy ADD COLUMN x int");
  const auto reads = reader();
  std::vector<LockRetried> retries;
  const auto applied = up(impatient(), [&](const Event& event) {
    const auto* retried = std::get_if<LockRetried>(&event);
    if (retried == nullptr) return;
    retries.push_back(*retried);
    if (retries.size() == 3) reads->send("COMMIT");
  });
  EXPECT_THAT(applied, ElementsAre(Version{1}));
  ASSERT_THAT(retries, SizeIs(3));
  EXPECT_EQ(retries[2].attempt, 3);
  EXPECT_THAT(retries[0].holders, AllOf(HasSubstr("pid " + std::to_string(reads->backend_pid())),
                                        HasSubstr("holds AccessShareLock on public.busy")));
}

// The reader never ends meanwhile: behind a statement that waits without a bound, this would hang.
TEST_F(LockRetry, LetsThoseThroughThatQueueBehindTheWaitingStatement) {
  write("1_busy.up.sql", "ALTER TABLE busy ADD COLUMN x int");
  const auto reads = reader();
  auto running = std::async(std::launch::async, [this] { return up(impatient(1'000)); });
  ASSERT_TRUE(
      eventually("SELECT EXISTS (SELECT FROM pg_locks WHERE NOT granted AND mode ="
                 " 'AccessExclusiveLock')"));
  EXPECT_EQ(value("SELECT count(*) FROM busy"), "0");
  reads->send("COMMIT");
  EXPECT_THAT(running.get(), ElementsAre(Version{1}));
}

TEST_F(LockRetry, SaysWhoHoldsTheLockWhenItsAttemptsAreSpent) {
  write("1_busy.up.sql", "ALTER TABLE busy ADD COLUMN x int");
  const auto reads = reader();
  EXPECT_THAT(failing_up(impatient(2)),
              AllOf(HasSubstr("error[migration-failed]: migration 1 (busy) failed: canceling"),
                    HasSubstr("(attempt 3 in "), HasSubstr("SQLSTATE 55P03"),
                    HasSubstr("held by: pid " + std::to_string(reads->backend_pid()))));
}

TEST_F(LockRetry, RunsAHookOnce) {
  write("1_busy.up.sql", "ALTER TABLE busy ADD COLUMN x int");
  const auto reads = reader();
  int hooks = 0;
  RunOptions options = impatient();
  options.hooks[Version{1}] = [&](Session&) { ++hooks; };
  up(options, [&](const Event& event) {
    if (std::holds_alternative<LockRetried>(event)) reads->send("COMMIT");
  });
  EXPECT_EQ(hooks, 1);
}

TEST_F(LockRetry, DoesNotTryCodeAgain) {
  Listing listing = list_code({{Version{1}, "code", [](Session& session) {
                                  session.send(
                                      "SET LOCAL lock_timeout = 50;"
                                      "ALTER TABLE busy ADD COLUMN x int");
                                }}});
  const auto reads = reader();
  int retries = 0;
  const auto sessions = sessions_of(conninfo());
  EXPECT_THROW(runner::up(*sessions, listing, impatient(),
                          [&](const Event& event) {
                            retries += static_cast<int>(std::holds_alternative<LockRetried>(event));
                          }),
               Error);
  EXPECT_EQ(retries, 0);
}

// The body has its locks when the record waits for the tracker.
TEST_F(LockRetry, LetsThoseThroughThatQueueBehindTheRecord) {
  write("1_a.up.sql", "CREATE TABLE a(x int)");
  up();
  write("2_busy.up.sql", "ALTER TABLE busy ADD COLUMN x int");
  auto holder = connect();
  holder->send("BEGIN; LOCK TABLE applied_migrations IN SHARE MODE");
  auto applied = std::async(std::launch::async, [this] { return up(impatient(1'000)); });
  const auto other = connect();
  EXPECT_TRUE(
      eventually("SELECT count(*) > 0 FROM pg_locks WHERE relation = 'busy'::regclass AND"
                 " mode = 'AccessExclusiveLock'"));
  other->send("SET statement_timeout = '20s'; SELECT count(*) FROM busy");
  holder.reset();
  EXPECT_THAT(applied.get(), ElementsAre(Version{2}));
}

TEST_F(LockRetry, BoundsDownToo) {
  write("1_busy.up.sql", "SELECT 1");
  write("1_busy.down.sql", "ALTER TABLE busy ADD COLUMN x int");
  write("2_plain.up.sql", "SELECT 1");
  write("2_plain.down.sql", "SELECT 1");
  up();
  const auto reads = reader();
  try {
    down(*sessions_of(conninfo()), listing(), {.kind = DownAmount::Kind::all}, impatient(1));
    ADD_FAILURE() << "it did not fail";
  } catch (const Error& error) {
    EXPECT_THAT(error.what(),
                AllOf(HasSubstr("SQLSTATE 55P03"), HasSubstr("the migration stays applied"),
                      HasSubstr("rolled back before: 2; still applied of what was asked for: 1")));
  }
}

TEST_F(LockRetry, TimeoutIsTheRunnersOnlyWhereTheSessionHasNone) {
  const auto write_shows = [&](const std::string& file, const std::string& name,
                               const std::string& before = {}) {
    write(file,
          before + "CREATE TABLE seen_" + name + " AS SELECT current_setting('lock_timeout') AS l");
  };
  write_shows("1_default.up.sql", "by_default");
  write_shows("2_outside.up.sql", "outside", "-- gauntlet: no-transaction\n");
  write_shows("3_file.up.sql", "in_file", "SET LOCAL lock_timeout = '3s';");
  up();
  run("ALTER ROLE postgres SET lock_timeout = '7s'");
  write_shows("4_role.up.sql", "by_role");
  up();
  EXPECT_EQ(value("SELECT l FROM seen_by_default"), "1s");
  EXPECT_EQ(value("SELECT l FROM seen_outside"), "0");
  EXPECT_EQ(value("SELECT l FROM seen_in_file"), "3s");
  EXPECT_EQ(value("SELECT l FROM seen_by_role"), "7s");
}

/// One replica fails with a SQLSTATE while three wait; a second attempt would succeed.
class SharedFailure : public OnServer {
 protected:
  Raced race_that_fails_once_with(const std::string& sqlstate) const {
    run("CREATE SEQUENCE attempts");
    write("1_once.up.sql",
          "DO $$ BEGIN PERFORM pg_advisory_xact_lock(4); IF nextval('attempts') = 1 THEN RAISE"
          " EXCEPTION 'no' USING ERRCODE = '" +
              sqlstate + "'; END IF; END $$");
    auto gate = connect();
    gate->send("SELECT pg_advisory_lock(4)");
    auto raced =
        std::async(std::launch::async, [this] { return race(4, [this](int) { return up(); }); });
    // Between its first try and its LISTEN a waiter is idle, too, but not for long.
    EXPECT_TRUE(
        eventually("SELECT count(*) = 3 FROM pg_stat_activity WHERE state = 'idle' AND query LIKE"
                   " 'BEGIN%pg_try_advisory_lock%' AND state_change < clock_timestamp() - interval"
                   " '60 ms'"));
    gate.reset();
    return raced.get();
  }
};

TEST_F(SharedFailure, OfADeadlockIsTheNextWaitersTurn) {
  for (const char* sqlstate : {"40P01", "53200", "57P01", "XX000", "57014"}) {
    SCOPED_TRACE(sqlstate);
    const Raced raced = race_that_fails_once_with(sqlstate);
    EXPECT_THAT(raced.applied, ElementsAre(Version{1}));
    EXPECT_THAT(raced.errors, ElementsAre(HasSubstr(sqlstate)));
    run("DROP SEQUENCE attempts; DROP TABLE applied_migrations, applied_migrations_in_progress");
  }
}

TEST_F(SharedFailure, OfItsBytesEndsEveryWaiter) {
  for (const char* sqlstate : {"22012", "42P01", "55006"}) {
    SCOPED_TRACE(sqlstate);
    const Raced raced = race_that_fails_once_with(sqlstate);
    EXPECT_THAT(raced.applied, IsEmpty());
    EXPECT_THAT(raced.errors, SizeIs(4));
    EXPECT_THAT(raced.errors, testing::Contains(HasSubstr("failed-elsewhere")).Times(3));
    run("DROP SEQUENCE attempts; DROP TABLE applied_migrations, applied_migrations_in_progress");
  }
}

/// The first attempt runs for longer than any one statement may; its last statement is then ended,
/// by somebody or by its timeout. Three replicas wait.
class CancelledStatement : public SharedFailure {
 protected:
  enum class By { somebody, timeout };

  Raced race_ended(By by) const {
    run("CREATE SEQUENCE attempts");
    write("1_slow.up.sql",
          "SELECT nextval('attempts');\nSELECT pg_sleep(1.2) FROM attempts WHERE last_value = 1;\n"
          "SELECT pg_sleep(1.2) FROM attempts WHERE last_value = 1;\nSELECT "
          "pg_advisory_xact_lock(4), pg_sleep(60) FROM attempts WHERE last_value = 1");
    RunOptions options;
    options.statement_timeout = milliseconds(2'000);
    auto raced =
        std::async(std::launch::async, [&] { return race(4, [&](int) { return up(options); }); });
    if (by == By::somebody) {
      EXPECT_TRUE(
          eventually("SELECT bool_or(pg_cancel_backend(pid)) IS TRUE FROM pg_locks WHERE locktype ="
                     " 'advisory' AND objid = 4 AND granted"));
    }
    return raced.get();
  }
};

TEST_F(CancelledStatement, ByAPersonIsTheNextWaitersTurnHoweverLongTheFileRan) {
  const Raced raced = race_ended(By::somebody);
  EXPECT_THAT(raced.applied, ElementsAre(Version{1}));
  EXPECT_THAT(raced.errors, ElementsAre(HasSubstr("57014")));
}

TEST_F(CancelledStatement, ByItsTimeoutEndsEveryWaiter) {
  const Raced raced = race_ended(By::timeout);
  EXPECT_THAT(raced.applied, IsEmpty());
  EXPECT_THAT(raced.errors, SizeIs(4));
  EXPECT_THAT(raced.errors, testing::Contains(HasSubstr("failed-elsewhere")).Times(3));
}

TEST_F(OnServer, NoticesAndWarningsOfAMigrationAreEvents) {
  write("1_speaks.up.sql",
        "DROP TABLE IF EXISTS nothing; DO $$ BEGIN RAISE WARNING 'careful'; END $$");
  write("2_silent.up.sql", "SELECT 1");
  std::vector<std::string> said;
  up({}, [&](const Event& event) {
    const auto* noticed = std::get_if<Noticed>(&event);
    if (noticed == nullptr) return;
    said.push_back(std::to_string(noticed->version.number) + " " + noticed->said.severity + " " +
                   noticed->said.message);
  });
  EXPECT_THAT(said, ElementsAre("1 NOTICE table \"nothing\" does not exist, skipping",
                                "1 WARNING careful"));
}

TEST_F(OnServer, CheckLineAndCodeAgreeWhileAMarkStands) {
  write("1_a.up.sql", "SELECT 1");
  up();
  run("INSERT INTO applied_migrations_in_progress(version, name, statement_index, statements)"
      " VALUES (2, 'b', 1, 2)");
  write("2_b.up.sql", "-- gauntlet: no-transaction\nSELECT 1; SELECT 2");
  const auto sessions = sessions_of(conninfo());
  const Check open = check(*sessions, listing());
  EXPECT_EQ(open.line, "could not tell: in-progress [2 at statement 1 of 2]");
  EXPECT_EQ(open.exit_code, 3);
  write("1_a.up.sql", "SELECT 3");
  const Check edited = check(*sessions, listing());
  EXPECT_EQ(edited.line, "incompatible: edited [1], in-progress [2 at statement 1 of 2]");
  EXPECT_EQ(edited.exit_code, 2);
}

}  // namespace
}  // namespace gauntlet::runner
