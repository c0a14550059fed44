// Many runs at once: who applies, who waits, how, and who is told what.
#include "harness/reference/race_test.h"
#include "harness/reference/server_fixture_test.h"
#include "harness/reference/watched_sessions_test.h"
#include "runner/connect.h"
#include "runner/inspect.h"
#include "runner/turn/lock.h"

#include <array>
#include <future>
#include <optional>

#include <fcntl.h>
#include <fmt/ranges.h>
#include <unistd.h>

namespace gauntlet::runner {
namespace {

using std::chrono::milliseconds;
using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
using testing::SizeIs;
using testing::StartsWith;

constexpr std::array every_lock{LockMode::notify, LockMode::transaction};

RunOptions in(const std::string& table, LockMode mode = LockMode::notify) {
  RunOptions options;
  options.tracker.table = table;
  options.lock = mode;
  return options;
}

class Replicas : public OnServer {
 protected:
  Raced race_of(int replicas, const RunOptions& options) const {
    return race(replicas, [&](int) { return up(options); });
  }
  std::vector<Version> up_by(SessionSource& sessions, const RunOptions& options) const {
    return runner::up(sessions, listing(), options);
  }
  std::string failing_up_by(SessionSource& sessions, const RunOptions& options) const {
    try {
      up_by(sessions, options);
    } catch (const Error& error) {
      return error.what();
    }
    return "the run did not fail";
  }
};

// Migrations that only change data: no second CREATE TABLE hides that two have run.
TEST_F(Replicas, OfEveryLockModeApplyEachMigrationOnce) {
  run("CREATE TABLE journal(tracker text, x int)");
  for (int version = 1; version < 6; ++version) {
    write(
        std::to_string(version) + "_data.up.sql",
        "INSERT INTO journal VALUES ('', " + std::to_string(version) + "); SELECT pg_sleep(0.01)");
  }
  for (const LockMode mode : every_lock) {
    SCOPED_TRACE(to_string(mode));
    run("TRUNCATE journal");
    const Raced raced = race_of(8, in("tracker_" + to_string(mode), mode));
    EXPECT_THAT(raced.errors, IsEmpty());
    EXPECT_EQ(raced.applied.size(), 5U);
    EXPECT_EQ(value("SELECT string_agg(x::text, ',' ORDER BY x) FROM journal"), "1,2,3,4,5");
  }
}

TEST_F(Replicas, SixteenCreateSchemaAndTrackerTogether) {
  write("1_a.up.sql", "SELECT 1");
  for (const LockMode mode : every_lock) {
    SCOPED_TRACE(to_string(mode));
    const Raced raced = race_of(16, in("schema_" + to_string(mode) + ".tracker", mode));
    EXPECT_THAT(raced.errors, IsEmpty());
    EXPECT_THAT(raced.applied, ElementsAre(Version{1}));
  }
}

TEST_F(Replicas, OfTwoTrackersDoNotWaitForOneAnother) {
  write("1_a.up.sql", "SELECT 1");
  const auto holder = connect();
  holder->send("SELECT pg_advisory_lock(" + std::to_string(lock_key_of("public.one")) + ")");
  RunOptions one = in("public.one");
  one.lock_wait_max = milliseconds(100);
  EXPECT_THAT(failing_up(one), HasSubstr("error[lock-timeout]"));
  EXPECT_EQ(up(in("public.two")).size(), 1U);
}

TEST_F(Replicas, WithNothingPendingPassWhoeverHoldsTheLock) {
  write("1_a.up.sql", "SELECT 1");
  up();
  const auto holder = connect();
  holder->send(
      "SELECT pg_advisory_lock(77); BEGIN; LOCK TABLE applied_migrations IN EXCLUSIVE MODE");
  for (const LockMode mode : every_lock) {
    SCOPED_TRACE(to_string(mode));
    RunOptions options = in({}, mode);
    options.lock_key = 77;
    EXPECT_THAT(up(options), IsEmpty());
  }
  EXPECT_EQ(check(inspect(*connect(), listing(), {})).exit_code, 0);
}

// An index that is built concurrently waits for every snapshot that is older than it.
TEST_F(Replicas, ThatWaitHoldNoSnapshotThatAnIndexWouldWaitFor) {
  run("CREATE TABLE t AS SELECT generate_series(1, 100) AS x");
  write("1_index.up.sql", "-- gauntlet: no-transaction\nCREATE INDEX CONCURRENTLY i ON t(x)");
  write("2_data.up.sql", "INSERT INTO t VALUES (0)");
  const auto writer = connect();
  writer->send("BEGIN; LOCK TABLE t IN ROW EXCLUSIVE MODE");
  auto racing = std::async(std::launch::async, [this] { return race_of(16, {}); });
  EXPECT_TRUE(eventually(
      "SELECT count(*) FILTER (WHERE state = 'idle' AND backend_xmin IS NULL) = 15 AND count(*) "
      "FILTER (WHERE query LIKE 'CREATE INDEX%' AND wait_event_type = 'Lock') = 1 FROM "
      "pg_stat_activity WHERE application_name = 'gauntlet-migrate'"));
  writer->send("ROLLBACK");
  const Raced raced = racing.get();
  EXPECT_THAT(raced.errors, IsEmpty());
  EXPECT_THAT(raced.applied, ElementsAre(Version{1}, Version{2}));
  EXPECT_EQ(value("SELECT indisvalid FROM pg_index WHERE indexrelid = 'i'::regclass"), "t");
  EXPECT_THAT(server_->log(), Not(HasSubstr("deadlock")));
}

// Position of `part` after `from`, which must be there.
std::size_t after(const std::string& text, const std::string& part, std::size_t from) {
  const std::size_t at = text.find(part, from);
  if (at == std::string::npos) throw std::runtime_error(part + " is not in: " + text.substr(from));
  return at + part.size();
}

TEST_F(Replicas, ResetTheSessionAndProveTheLockInTheMessageThatRecords) {
  write("1_a.up.sql", "SELECT 'the body'");
  write("2_b.up.sql", "SELECT 'another'");
  for (const LockMode mode : every_lock) {
    SCOPED_TRACE(to_string(mode));
    std::string sent;
    WatchedSessions sessions(conninfo(), {.before_send = [&](Session&, std::string_view message) {
                               if (message.find("the body") != message.npos) sent = message;
                             }});
    RunOptions options = in("tracker_" + to_string(mode), mode);
    options.lock_key = 77;
    EXPECT_EQ(up_by(sessions, options).size(), 2U);
    const std::string turn = mode == LockMode::transaction
                                 ? "SELECT 1 / pg_catalog.pg_try_advisory_xact_lock(77)::int"
                                 : "";
    std::size_t at = after(sent, "BEGIN", 0);
    at = after(sent, turn, at);
    at = after(sent, "SELECT 'the body'", at);
    at = after(sent, "RESET SESSION AUTHORIZATION;RESET ROLE;RESET ALL;", at);
    at = after(sent, "SELECT 1 / pg_catalog.pg_try_advisory_xact_lock(77)::int;", at);
    at = after(sent, "INSERT INTO \"public\".\"tracker_", at);
    after(sent, ";COMMIT", at);
  }
}

// A commit that notifies takes a lock on the whole cluster until it ends.
TEST_F(Replicas, AreNotifiedByTheLastMigrationAlone) {
  for (const char* name : {"1_a", "2_b", "3_c"}) {
    write(std::string(name) + ".up.sql", std::string("SELECT 'body of ") + name + "'");
  }
  std::vector<bool> notifies;
  WatchedSessions sessions(conninfo(), {.before_send = [&](Session&, std::string_view message) {
                             if (message.find("body of") == message.npos) return;
                             notifies.push_back(message.find("NOTIFY") != message.npos);
                           }});
  EXPECT_EQ(up_by(sessions, {}).size(), 3U);
  EXPECT_THAT(notifies, ElementsAre(false, false, true));
}

TEST_F(Replicas, ThatMayWaitForEverWaitUntilTheirTurnComes) {
  write("1_a.up.sql", "SELECT 1");
  const auto holder = connect();
  holder->send("SELECT pg_advisory_lock(77)");
  RunOptions patient;
  patient.lock_key = 77;
  patient.lock_wait_max = milliseconds(0);
  const auto applied = up(patient, [&](const Event& event) {
    if (std::holds_alternative<Waiting>(event)) holder->send("SELECT pg_advisory_unlock(77)");
  });
  EXPECT_THAT(applied, ElementsAre(Version{1}));
}

// What a cloud database charges for: the look (two where there is no tracker yet), the lock with a
// second look, the tracker where nobody was before us; then one a migration.
TEST_F(Replicas, AskForFewRoundTripsAtAFirstStart) {
  write("1_a.up.sql", "SELECT 1");
  write("2_b.up.sql", "SELECT 2");
  std::vector<std::string> sent;
  WatchedSessions sessions(conninfo(), {.before_send = [&](Session&, std::string_view message) {
                             sent.emplace_back(message);
                           }});
  EXPECT_EQ(up_by(sessions, {}).size(), 2U);
  EXPECT_THAT(sent, SizeIs(4 + 2)) << fmt::format("{}", fmt::join(sent, "\n"));
  sent.clear();
  write("3_c.up.sql", "SELECT 3");
  EXPECT_EQ(up_by(sessions, {}).size(), 1U);
  EXPECT_THAT(sent, SizeIs(3 + 1)) << fmt::format("{}", fmt::join(sent, "\n"));
}

TEST_F(Replicas, WhoseLockSessionIsEndedStopAndTheNextRunGoesOn) {
  for (int version = 1; version < 4; ++version) {
    write(std::to_string(version) + "_data.up.sql", "SELECT 1");
  }
  RunOptions options;
  options.hooks[Version{2}] = [](Session& session) {
    session.send("SELECT pg_terminate_backend(pid) FROM pg_locks WHERE locktype = 'advisory'");
  };
  EXPECT_THAT(
      failing_up(options),
      AllOf(HasSubstr("error[connection-lost]: while migration 2 (data) ran, the connection "
                      "to the server was lost"),
            HasSubstr("`gauntlet-migrate status` tells; then run `gauntlet-migrate up`")));
  EXPECT_EQ(value("SELECT count(*) FROM applied_migrations"), "1");
  EXPECT_THAT(up(), ElementsAre(Version{2}, Version{3}));
}

class Waiters : public Replicas {
 protected:
  Waiters() {
    options_.lock_key = 77;
    holder_->send("SELECT pg_advisory_lock(77)");
  }
  /// The holder's run, to its end.
  void holder_applies() const {
    holder_->send("SELECT pg_advisory_unlock(77)");
    up(options_);
  }
  std::string holder_fails() const {
    holder_->send("SELECT pg_advisory_unlock(77)");
    return failing_up(options_);
  }

  RunOptions options_;
  std::unique_ptr<Session> holder_ = connect();
};

TEST_F(Waiters, LeaveWithoutAWaitWhereTheHolderEndedBeforeTheyListened) {
  write("1_a.up.sql", "SELECT 1");
  int waits = 0;
  WatchedSessions sessions(conninfo(), {.before_send =
                                            [&](Session&, std::string_view message) {
                                              if (message.starts_with("LISTEN")) holder_applies();
                                            },
                                        .before_wait = [&] { ++waits; }});
  EXPECT_THAT(up_by(sessions, options_), IsEmpty());
  EXPECT_EQ(waits, 0);
}

TEST_F(Waiters, AreWokenWhereTheHolderEndedAfterTheyLookedAgain) {
  write("1_a.up.sql", "SELECT 1");
  std::vector<std::string> told;
  WatchedSessions sessions(
      conninfo(),
      {.before_wait = [&] { holder_applies(); },
       .after_wait = [&](const auto& payload) { told.push_back(payload.value_or("nothing")); }});
  EXPECT_THAT(up_by(sessions, options_), IsEmpty());
  EXPECT_THAT(told, ElementsAre(StartsWith("applied ")));
}

TEST_F(Waiters, LeaveWithoutAStatementWhereAllOfTheirsIsApplied) {
  write("1_a.up.sql", "SELECT 1");
  write("2_b.up.sql", "SELECT 2");
  bool told = false;
  std::vector<std::string> sent_after;
  WatchedSessions sessions(conninfo(), {.before_send =
                                            [&](Session&, std::string_view message) {
                                              if (told) sent_after.emplace_back(message);
                                            },
                                        .before_wait =
                                            [&] {
                                              holder_applies();
                                              told = true;
                                            }});
  EXPECT_THAT(up_by(sessions, options_), IsEmpty());
  EXPECT_THAT(sent_after, IsEmpty());
}

TEST_F(Waiters, LookAgainWhereTheHolderHadOtherMigrations) {
  write("1_a.up.sql", "SELECT 1");
  const Listing older = listing();
  write("2_b.up.sql", "SELECT 2");
  WatchedSessions sessions(conninfo(), {.before_wait = [&] {
                             holder_->send("SELECT pg_advisory_unlock(77)");
                             runner::up(*sessions_of(conninfo()), older, options_);
                           }});
  EXPECT_THAT(up_by(sessions, options_), ElementsAre(Version{2}));
}

// As two tenants of one database may, with the same migrations.
TEST_F(Waiters, OfTwoTrackersAndOneKeyEachApplyTheirOwn) {
  write("1_a.up.sql", "SELECT 1");
  RunOptions ours = options_;
  ours.tracker.table = "another_tracker";
  WatchedSessions sessions(conninfo(), {.before_wait = [&] { holder_applies(); }});
  EXPECT_THAT(up_by(sessions, ours), ElementsAre(Version{1}));
}

// Whoever may connect may notify.
TEST_F(Waiters, BelieveNoWordThatFitsOtherMigrations) {
  write("1_a.up.sql", "SELECT 1");
  int waits = 0;
  WatchedSessions sessions(
      conninfo(), {.before_wait = [&] {
        if (++waits > 1) return;
        holder_->send("NOTIFY gauntlet_000000000000004d, 'applied " + sha256("") + "'");
        holder_->send("SELECT pg_advisory_unlock(77)");
      }});
  EXPECT_THAT(up_by(sessions, options_), ElementsAre(Version{1}));
}

TEST_F(Waiters, AreToldOfAFailureAndLeaveWithIt) {
  write("1_bad.up.sql", "SELECT 1/0");
  std::string failed;
  WatchedSessions sessions(conninfo(), {.before_wait = [&] { failed = holder_fails(); }});
  EXPECT_THAT(
      failing_up_by(sessions, options_),
      AllOf(HasSubstr("error[failed-elsewhere]: migration 1 (bad) has just failed in another"),
            HasSubstr("1_bad.up.sql"), HasSubstr("see that replica's output")));
  EXPECT_THAT(failed, HasSubstr("error[migration-failed]"));
}

TEST_F(Waiters, TryForThemselvesWhenToldToOrWhereTheirOwnFileIsAnother) {
  const auto file = write("1_bad.up.sql", "SELECT 1/0");
  const Listing failing = listing();
  std::filesystem::remove(file);
  write("1_bad.up.sql", "SELECT 1");
  WatchedSessions sessions(conninfo(), {.before_wait = [&] {
                             holder_->send("SELECT pg_advisory_unlock(77)");
                             EXPECT_THROW(runner::up(*sessions_of(conninfo()), failing, options_),
                                          SqlError);
                           }});
  EXPECT_EQ(up_by(sessions, options_).size(), 1U);
}

class Hooks : public OnServer {};

TEST_F(Hooks, RunBeforeTheirMigrationOnASessionOfTheirOwn) {
  write("1_a.up.sql", "INSERT INTO t SELECT 'body', pg_backend_pid()");
  RunOptions options;
  options.hooks[Version{1}] = [](Session& session) {
    session.send("CREATE TABLE t AS SELECT 'hook' AS who, pg_backend_pid() AS pid");
  };
  EXPECT_EQ(up(options).size(), 1U);
  EXPECT_EQ(value("SELECT string_agg(who, ',' ORDER BY who) FROM t"), "body,hook");
  EXPECT_EQ(value("SELECT count(DISTINCT pid) FROM t"), "2");
}

TEST_F(Hooks, RunOnlyUpwardsAndOnlyWhileTheirVersionIsPending) {
  write("1_a.up.sql", "SELECT 1");
  write("1_a.down.sql", "SELECT 1");
  int calls = 0;
  RunOptions options;
  options.hooks[Version{1}] = [&calls](Session&) { ++calls; };
  options.hooks[Version{3}] = [&calls](Session&) { calls += 100; };
  up(options);
  EXPECT_EQ(calls, 1);
  up(options);
  down(*sessions_of(conninfo()), listing(), {.kind = DownAmount::Kind::all}, options);
  EXPECT_EQ(calls, 1);
}

TEST_F(Hooks, AreInterruptedAsTheRunIs) {
  write("1_a.up.sql", "CREATE TABLE t(x int)");
  std::array<int, 2> ends{};
  ASSERT_EQ(pipe2(ends.data(), O_CLOEXEC), 0);
  RunOptions options;
  options.interrupt_fd = ends[0];
  options.hooks[Version{1}] = [&](Session& session) {
    ASSERT_EQ(::write(ends[1], "x", 1), 1);
    session.send("SELECT pg_sleep(600)");
  };
  EXPECT_THAT(failing_up(options), HasSubstr("error[interrupted]: interrupted while a statement"));
  EXPECT_EQ(value("SELECT to_regclass('t')"), "null");
  close(ends[0]);
  close(ends[1]);
}

TEST_F(Hooks, ThatFailStopTheRunAndAreTriedAgainWithTheirMigration) {
  write("1_a.up.sql", "CREATE TABLE t(x int)");
  int calls = 0;
  RunOptions options;
  options.hooks[Version{1}] = [&calls](Session& session) {
    if (++calls == 1) session.send("SELECT 1/0");
  };
  EXPECT_THAT(
      failing_up(options),
      AllOf(HasSubstr("error[hook-failed]: the hook of migration 1 (a) failed: division by zero"),
            HasSubstr("the migration did not run; the next run tries hook and migration again")));
  EXPECT_EQ(value("SELECT to_regclass('t')"), "null");
  EXPECT_EQ(up(options).size(), 1U);
  EXPECT_EQ(calls, 2);
}

}  // namespace
}  // namespace gauntlet::runner
