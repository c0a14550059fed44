#include "harness/reference/lent_sessions_test.h"
#include "harness/reference/server_fixture_test.h"

namespace gauntlet::runner {
namespace {

using std::chrono::milliseconds;
using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;

class Pool : public OnServer {
 protected:
  std::vector<Version> up_by(SessionSource& pool, const RunOptions& options = {}) const {
    return runner::up(pool, listing(), options);
  }
  std::string failing_up_by(SessionSource& pool, const RunOptions& options = {}) const {
    try {
      up_by(pool, options);
    } catch (const Error& error) {
      return error.what();
    }
    return "the run did not fail";
  }
  // Locks, listening, transaction and a setting of the pool's one session.
  static std::string state_of(SessionSource& pool) {
    const auto session = pool.acquire(milliseconds(60'000));
    if (session->transaction_status() != TransactionStatus::idle) return "in a transaction";
    return session
        ->send(
            "SELECT (SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND pid = "
            "pg_backend_pid()) || ' locks, ' || (SELECT count(*) FROM pg_listening_channels())"
            " || ' channels, ' || current_setting('statement_timeout') || ' ' || current_user")
        .front()
        .rows.front()
        .front()
        .value_or("");
  }
  static constexpr const char* clean = "0 locks, 0 channels, 0 postgres";
};

TEST_F(Pool, GetsItsSessionBackWithoutTheLock) {
  write("1_a.up.sql", "CREATE TABLE t(x int)");
  write("2_b.up.sql", "-- gauntlet: no-transaction\nSET statement_timeout = 70000; VACUUM t");
  LentSessions pool(conninfo(), 1);
  EXPECT_THAT(up_by(pool), ElementsAre(Version{1}, Version{2}));
  EXPECT_EQ(state_of(pool), clean);
}

TEST_F(Pool, GetsItsSessionBackCleanAfterAFailure) {
  write("1_bad.up.sql", "SET statement_timeout = 70000; SELECT 1/0");
  LentSessions pool(conninfo(), 1);
  EXPECT_THAT(failing_up_by(pool), HasSubstr("error[migration-failed]"));
  EXPECT_EQ(state_of(pool), clean);
}

TEST_F(Pool, GetsItsSessionBackCleanAfterAFailureOutsideATransaction) {
  write("1_bad.up.sql",
        "-- gauntlet: no-transaction\nCREATE ROLE weak; SET ROLE weak; SET statement_timeout = "
        "70000; SELECT 1/0");
  LentSessions pool(conninfo(), 1);
  EXPECT_THAT(failing_up_by(pool), HasSubstr("error[migration-failed]"));
  EXPECT_EQ(state_of(pool), clean);
}

// A pool may bound what its borrowers wait for; a run has bounds of its own.
TEST_F(Pool, GetsItsSessionBackWithTheLimitsThatItHad) {
  LentSessions pool(conninfo(), 1);
  const auto limits_of = [&] {
    const auto session = pool.acquire(milliseconds(60'000));
    const StatementLimits limits = session->limit({});
    session->limit(limits);
    return limits;
  };
  pool.acquire({})->limit({.reply = milliseconds(7'000),
                           .lock_wait = milliseconds(8'000),
                           .run = milliseconds(9'000),
                           .rows = StatementLimits::Rows::dropped});
  const auto expect_as_before = [&] {
    const StatementLimits limits = limits_of();
    EXPECT_EQ(limits.reply, milliseconds(7'000));
    EXPECT_EQ(limits.lock_wait, milliseconds(8'000));
    EXPECT_EQ(limits.run, milliseconds(9'000));
    EXPECT_EQ(limits.rows, StatementLimits::Rows::dropped);
  };
  write("1_a.up.sql", "SELECT 1");
  RunOptions options;
  options.statement_timeout = milliseconds(50'000);
  EXPECT_THAT(up_by(pool, options), ElementsAre(Version{1}));
  expect_as_before();
  EXPECT_THAT(up_by(pool, options), testing::IsEmpty());
  expect_as_before();
  write("2_bad.up.sql", "SELECT 1/0");
  EXPECT_THAT(failing_up_by(pool, options), HasSubstr("error[migration-failed]"));
  expect_as_before();
}

TEST_F(Pool, GetsAWaitersSessionBackWithoutItsListening) {
  write("1_a.up.sql", "SELECT 1");
  const auto other = connect();
  other->send("SELECT pg_advisory_lock(77)");
  LentSessions pool(conninfo(), 1);
  EXPECT_THAT(
      failing_up_by(pool, {.lock_key = 77, .lock_wait_max = milliseconds(300)}),
      AllOf(HasSubstr("error[lock-timeout]: another runner held the migration lock for"),
            HasSubstr("held by pid " + std::to_string(other->backend_pid())), HasSubstr("\"test\""),
            HasSubstr("SELECT pg_advisory_lock(77)"), HasSubstr("SELECT pg_terminate_backend(")));
  EXPECT_EQ(state_of(pool), clean);
}

// The session has heard that all was applied, and nobody has looked; it is not true any more.
TEST_F(Pool, BelievesNoWordFromBeforeItsRun) {
  write("1_a.up.sql", "SELECT 1");
  const RunOptions options{.lock_key = 77, .lock_wait_max = milliseconds(300)};
  LentSessions pool(conninfo(), 1);
  pool.acquire({})->send("LISTEN gauntlet_000000000000004d");
  EXPECT_THAT(up(options), ElementsAre(Version{1}));
  pool.acquire({})->send("UNLISTEN *");
  run("DELETE FROM applied_migrations");
  const auto other = connect();
  other->send("SELECT pg_advisory_lock(77)");
  EXPECT_THAT(failing_up_by(pool, options), HasSubstr("error[lock-timeout]"));
  other->send("SELECT pg_advisory_unlock(77)");
  EXPECT_THAT(up_by(pool, options), ElementsAre(Version{1}));
}

// Our COMMIT would be the end of it.
TEST_F(Pool, KeepsATransactionThatItHasBegunItself) {
  run("CREATE TABLE theirs(x int)");
  write("1_a.up.sql", "SELECT 1");
  LentSessions pool(conninfo(), 1);
  pool.acquire({})->send("BEGIN; INSERT INTO theirs VALUES (1)");
  EXPECT_THAT(
      failing_up_by(pool),
      AllOf(HasSubstr("error[session-not-idle]: the session that was lent has a transaction "
                      "open already"),
            HasSubstr("nothing was done in it")));
  const auto session = pool.acquire({});
  EXPECT_EQ(session->transaction_status(), TransactionStatus::in_transaction);
  session->send("ROLLBACK");
  EXPECT_EQ(value("SELECT count(*) || ' ' || (to_regclass('applied_migrations') IS NULL) FROM "
                  "theirs"),
            "0 true");
}

TEST_F(Pool, GetsTheSessionOfAHookBackWithoutItsTransaction) {
  run("CREATE TABLE t(x int)");
  write("1_a.up.sql", "INSERT INTO t VALUES (2)");
  LentSessions pool(conninfo(), 2);
  RunOptions options;
  for (const bool fails : {false, true}) {
    options.hooks[Version{1}] = [fails](Session& session) {
      session.send("BEGIN; INSERT INTO t VALUES (1)");
      if (fails) session.send("SELECT 1/0");
    };
    EXPECT_THAT(failing_up_by(pool, options),
                AllOf(HasSubstr("error[hook-failed]: the hook of migration 1 (a) failed: "),
                      HasSubstr(fails ? "division by zero"
                                      : "it left its transaction open, which was rolled back")));
    const auto one = pool.acquire({});
    const auto other = pool.acquire({});
    EXPECT_EQ(one->transaction_status(), TransactionStatus::idle);
    EXPECT_EQ(other->transaction_status(), TransactionStatus::idle);
    EXPECT_EQ(value("SELECT count(*) FROM t"), "0");
  }
}

TEST_F(Pool, IsToldThatABodyGaveTheLockAway) {
  write("1_give_away.up.sql", "SELECT pg_advisory_unlock_all()");
  LentSessions pool(conninfo(), 1);
  EXPECT_THAT(failing_up_by(pool), HasSubstr("error[not-unlocked]: the migration lock was not"));
  EXPECT_EQ(state_of(pool), clean);
}

TEST_F(Pool, OfOneSessionCannotRunAHookAndSaysSo) {
  write("1_a.up.sql", "CREATE TABLE t(x int)");
  LentSessions pool(conninfo(), 1);
  RunOptions options{.session_patience = milliseconds(200)};
  options.hooks[Version{1}] = [](Session&) {};
  EXPECT_THAT(
      failing_up_by(pool, options),
      AllOf(HasSubstr("error[no-session]: the hook of migration 1 (a) needs a second session"),
            HasSubstr("let the pool lend two sessions at once")));
  EXPECT_EQ(value("SELECT to_regclass('t')"), "null");
  EXPECT_EQ(state_of(pool), clean);
}

TEST_F(Pool, RunsAHookOnItsSecondSessionWhichMayTakeTheLocksOfTheFirst) {
  run("CREATE TABLE t(x int)");
  write("1_a.up.sql", "INSERT INTO t VALUES (2)");
  LentSessions pool(conninfo(), 2);
  RunOptions options;
  options.hooks[Version{1}] = [](Session& session) {
    session.send("BEGIN; LOCK TABLE t; INSERT INTO t VALUES (1); COMMIT");
  };
  EXPECT_THAT(up_by(pool, options), ElementsAre(Version{1}));
  EXPECT_EQ(value("SELECT string_agg(x::text, ',') FROM t"), "1,2");
}

}  // namespace
}  // namespace gauntlet::runner
