// Behind a real pgbouncer, in both of its modes, with one server session and with twenty.
#include "harness/arena/pooler.h"
#include "harness/reference/race_test.h"
#include "harness/reference/server_fixture_test.h"
#include "runner/connect.h"
#include "runner/postgres/pooling.h"

#include <chrono>
#include <optional>
#include <string>
#include <utility>

namespace gauntlet::runner {
namespace {

using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using Mode = arena::PoolerOptions::Mode;

class BehindPooler : public OnServer {
 protected:
  void write_journal() const {
    write("1_journal.up.sql", "CREATE TABLE journal(x int)");
    for (int version = 2; version < 6; ++version) {
      write(std::to_string(version) + "_data.up.sql",
            "INSERT INTO journal VALUES (" + std::to_string(version) + "); SELECT pg_sleep(0.02)");
    }
  }
  std::string journal() const {
    return value("SELECT string_agg(x::text, ',' ORDER BY x) FROM journal");
  }
  std::string locks() const {
    return value("SELECT count(*) FROM pg_locks WHERE locktype = 'advisory'");
  }

  std::vector<Version> up_through(const arena::Pooler& pooler, const RunOptions& options) const {
    return runner::up(*sessions_of(pooler.address().conninfo()), listing(), options);
  }
  std::string failing_up_through(const arena::Pooler& pooler,
                                 const RunOptions& options = {}) const {
    try {
      up_through(pooler, options);
    } catch (const Error& error) {
      return error.what();
    }
    return "the run did not fail";
  }
  Raced race_through(const arena::Pooler& pooler, int replicas, const RunOptions& options) const {
    return race(replicas, [&](int) { return up_through(pooler, options); });
  }
};

RunOptions lock_of(LockMode mode) {
  RunOptions options;
  options.lock = mode;
  return options;
}

/// Hears first what was meant for another, and then nothing more.
class HearsOfAnother final : public ForwardingSession {
 public:
  using ForwardingSession::ForwardingSession;
  std::optional<std::string> wait_for_notification(std::chrono::milliseconds, int) override {
    if (std::exchange(heard_, true)) return std::nullopt;
    return "gauntlet_pooler_of_another";
  }

 private:
  bool heard_ = false;
};

// A server session that is lent to several brings each what another of them listens for.
TEST_F(BehindPooler, IsNotTakenForASessionOfOnesOwnByWhatAnotherReplicaIsTold) {
  const auto sessions = sessions_of(conninfo());
  HearsOfAnother deaf(connect());
  EXPECT_EQ(pooling_of(deaf, deaf.backend_pid(), *sessions), Pooling::not_known);
  const auto ours = connect();
  EXPECT_EQ(pooling_of(*ours, ours->backend_pid(), *sessions), Pooling::by_session);
}

class InTransactionMode : public BehindPooler, public testing::WithParamInterface<int> {
 protected:
  arena::Pooler pooler_{*server_, {.mode = Mode::transaction, .pool_size = GetParam()}};
};

TEST_P(InTransactionMode, IsNoticedAndRefusedWithTheRemedyWhileSomethingIsPending) {
  write_journal();
  EXPECT_THAT(
      failing_up_through(pooler_, lock_of(LockMode::notify)),
      AllOf(HasSubstr("error[pooler]: a connection pooler lends our server session to others"),
            HasSubstr("the connection was given server process"),
            HasSubstr("give a direct URL with --database; or --lock=transaction"),
            HasSubstr("--session-pooler")));
  EXPECT_EQ(value("SELECT to_regclass('applied_migrations')"), "null");
  EXPECT_EQ(locks(), "0");
  up();
  EXPECT_THAT(up_through(pooler_, {}), IsEmpty());
}

TEST_P(InTransactionMode, SixteenRunnersApplyEachMigrationOnceWithALockOfTheTransactions) {
  write_journal();
  const Raced raced = race_through(pooler_, 16, lock_of(LockMode::transaction));
  EXPECT_THAT(raced.errors, IsEmpty());
  EXPECT_THAT(raced.applied,
              ElementsAre(Version{1}, Version{2}, Version{3}, Version{4}, Version{5}));
  EXPECT_EQ(journal(), "2,3,4,5");
  EXPECT_EQ(locks(), "0");
}

TEST_P(InTransactionMode, RefusesWhatRunsOutsideATransaction) {
  write("1_index.up.sql", "-- gauntlet: no-transaction\nVACUUM");
  EXPECT_THAT(
      failing_up_through(pooler_, lock_of(LockMode::transaction)),
      AllOf(HasSubstr("error[needs-session-lock]: migration 1 (index) runs outside a transaction, "
                      "and --lock=transaction holds only inside one"),
            HasSubstr("run it with --lock=notify and a direct URL")));
}

INSTANTIATE_TEST_SUITE_P(PoolOf, InTransactionMode, testing::Values(1, 20));

TEST_F(BehindPooler, KeepsItsEncodingWhereTheServersDefaultIsAnother) {
  run("ALTER DATABASE postgres SET client_encoding = 'LATIN1'");
  write("1_ä.up.sql", "CREATE TABLE t AS SELECT 'ö' AS x");
  write("2_ü.up.sql", "INSERT INTO t VALUES ('ß')");
  const arena::Pooler pooler(*server_, {.mode = Mode::transaction});
  EXPECT_EQ(up_through(pooler, lock_of(LockMode::transaction)).size(), 2U);
  EXPECT_EQ(value("SELECT string_agg(x, '' ORDER BY x) FROM t"), "ßö");
  EXPECT_THAT(up(), IsEmpty());
}

TEST_F(BehindPooler, ThatKeepsASessionForEachClientSixteenRunnersTakeTurnsAsUsual) {
  write_journal();
  write("6_index.up.sql", "-- gauntlet: no-transaction\nCREATE INDEX CONCURRENTLY i ON journal(x)");
  // Nothing is reset between two clients: what is left in the session is what we left.
  const arena::Pooler pooler(
      *server_, {.mode = Mode::session, .pool_size = 20, .settings = {{"server_reset_query", ""}}});
  const Raced raced = race_through(pooler, 16, {});
  EXPECT_THAT(raced.errors, IsEmpty());
  EXPECT_EQ(raced.applied.size(), 6U);
  EXPECT_EQ(journal(), "2,3,4,5");
  EXPECT_EQ(locks(), "0");
}

TEST_F(BehindPooler, ThatHasNoSecondSessionToTellByTheUserMustVouchForIt) {
  write_journal();
  const arena::Pooler pooler(*server_, {.mode = Mode::session, .pool_size = 1});
  EXPECT_THAT(
      failing_up_through(pooler),
      AllOf(HasSubstr("error[pooler]: a connection pooler stands between us and the server"),
            HasSubstr("say --session-pooler")));
  RunOptions vouched;
  vouched.session_pooler = true;
  const Raced raced = race_through(pooler, 16, vouched);
  EXPECT_THAT(raced.errors, IsEmpty());
  EXPECT_EQ(raced.applied.size(), 5U);
  EXPECT_EQ(journal(), "2,3,4,5");
}

}  // namespace
}  // namespace gauntlet::runner
