// A file behaves as if it were run alone: nothing that an earlier one left in the session, which no
// COMMIT or ROLLBACK ends, reaches it. The lock of the run stays.
#include "harness/reference/lent_sessions_test.h"
#include "harness/reference/server_fixture_test.h"
#include "harness/reference/watched_sessions_test.h"
#include "runner/repair.h"

#include <algorithm>
#include <tuple>

namespace gauntlet::runner {
namespace {

using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;

struct Leftover {
  const char* name;
  const char* left;  ///< the first file
  const char* seen;  ///< gives what of it stands
};

constexpr const char* advisory_locks =
    "SELECT count(*) - 1 FROM pg_locks WHERE locktype = 'advisory' AND pid = pg_backend_pid()";

const Leftover leftovers[] = {
    {"APreparedStatement", "PREPARE kept AS SELECT 1",
     "SELECT count(*) FROM pg_prepared_statements"},
    {"APreparedStatementOfADo", "DO $$BEGIN EXECUTE 'PREPARE kept AS SELECT 1'; END$$",
     "SELECT count(*) FROM pg_prepared_statements"},
    {"AHeldCursor", "BEGIN; DECLARE \"Kept one\" CURSOR WITH HOLD FOR SELECT 1; COMMIT",
     "SELECT count(*) FROM pg_cursors"},
    {"AChannel", "LISTEN kept", "SELECT count(*) FROM pg_listening_channels()"},
    {"AnAdvisoryLock", "SELECT pg_advisory_lock(-42)", advisory_locks},
    {"AnAdvisoryLockThatIsShared", "SELECT pg_advisory_lock_shared(4200000000042)", advisory_locks},
    {"AnAdvisoryLockOfTwoNumbers", "SELECT pg_advisory_lock(-1, 2147483647)", advisory_locks},
    {"AnAdvisoryLockThatWasTakenThrice", "SELECT pg_advisory_lock(7) FROM generate_series(1, 3)",
     advisory_locks},
    {"AnAdvisoryLockOfAFunction", "SELECT take_a_lock()", advisory_locks},
    {"ATemporaryTable", "CREATE TEMP TABLE kept(x int)",
     "SELECT count(*) FROM pg_class WHERE relnamespace = pg_my_temp_schema()"},
    {"ATemporaryFunction", "CREATE FUNCTION pg_temp.kept() RETURNS int LANGUAGE sql AS 'SELECT 1'",
     "SELECT count(*) FROM pg_proc WHERE pronamespace = pg_my_temp_schema()"},
    {"ARole", "SET ROLE weak", "SELECT count(*) WHERE current_user = 'weak'"},
    {"AnAuthorization", "SET SESSION AUTHORIZATION weak",
     "SELECT count(*) WHERE session_user = 'weak'"},
    {"ASearchPath", "SELECT set_config('search_path', 'pg_temp', false)",
     "SELECT count(*) WHERE current_setting('search_path') = 'pg_temp'"},
    {"AReadOnlyDefault", "SET SESSION CHARACTERISTICS AS TRANSACTION READ ONLY",
     "SELECT count(*) WHERE current_setting('default_transaction_read_only') = 'on'"},
};

class EachLeftover : public OnServer,
                     public testing::WithParamInterface<std::tuple<Leftover, bool>> {
 protected:
  Leftover leftover() const { return std::get<0>(GetParam()); }
  /// The first file runs in a transaction of the runner's, or outside one.
  std::string head() const {
    return std::get<1>(GetParam()) ? "-- gauntlet: no-transaction\n" : "";
  }
};

std::string leftover_name(const testing::TestParamInfo<EachLeftover::ParamType>& info) {
  return std::string(std::get<0>(info.param).name) +
         (std::get<1>(info.param) ? "OutsideATransaction" : "");
}

TEST_P(EachLeftover, DoesNotReachTheNextFile) {
  run("CREATE ROLE weak; CREATE FUNCTION take_a_lock() RETURNS void LANGUAGE sql AS"
      " 'SELECT pg_advisory_lock(99)'");
  std::string left = leftover().left;
  // The runner's own BEGIN stands before it.
  if (head().empty() && left.starts_with("BEGIN; ")) left = left.substr(7, left.size() - 7 - 8);
  write("1_leaves.up.sql", head() + left);
  write("2_looks.up.sql",
        std::string("CREATE TABLE public.seen AS SELECT (") + leftover().seen + ") AS seen");
  EXPECT_THAT(up(), ElementsAre(Version{1}, Version{2}));
  EXPECT_EQ(value("SELECT seen FROM public.seen"), "0");
}

INSTANTIATE_TEST_SUITE_P(Session, EachLeftover,
                         testing::Combine(testing::ValuesIn(leftovers), testing::Bool()),
                         leftover_name);

class Leftovers : public OnServer {
 protected:
  std::vector<std::string> messages_of_up() const {
    std::vector<std::string> sent;
    WatchedSessions sessions(conninfo(), {.before_send = [&](Session&, std::string_view message) {
                               sent.emplace_back(message);
                             }});
    runner::up(sessions, listing(), {});
    return sent;
  }
};

// What a file prepares twice is a mistake of that file's, as it is alone.
TEST_F(Leftovers, OfOneNameInTwoFilesAreNoConflict) {
  for (const char* name : {"1_a.up.sql", "2_b.up.sql"}) {
    write(name,
          "PREPARE p(int) AS SELECT $1; EXECUTE p(1); DECLARE c CURSOR WITH HOLD FOR SELECT 1;"
          " CREATE TEMP TABLE t(x int)");
  }
  EXPECT_EQ(up().size(), 2U);
}

TEST_F(Leftovers, CostAPlainFileNoRoundTrip) {
  write("1_a.up.sql", "CREATE TABLE t(x int DEFAULT (1 + 1))");
  write("2_b.up.sql", "INSERT INTO t VALUES (1), (2)");
  write("3_c.up.sql", "ALTER TABLE t ADD COLUMN y text; CREATE INDEX ON t(y)");
  const auto plain = messages_of_up();
  write("4_d.up.sql", "PREPARE p AS SELECT 1");
  write("5_e.up.sql", "INSERT INTO t VALUES (3)");
  const auto more = messages_of_up();
  for (const std::string& message : plain) {
    EXPECT_EQ(message.find("pg_prepared_statement"), std::string::npos) << message;
  }
  const auto looks = std::ranges::count_if(more, [](const auto& message) {
    return message.find("pg_prepared_statement") != message.npos;
  });
  EXPECT_EQ(looks, 2);  // one finds it, the other undoes it and finds nothing
}

TEST_F(Leftovers, LeaveTheLockOfTheRunWhereItIs) {
  write("1_locks.up.sql", "SELECT pg_advisory_lock(7)");
  write("2_looks.up.sql",
        "CREATE TABLE held AS SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND"
        " pid = pg_backend_pid() AND (classid::bigint << 32 | objid::bigint) = 77");
  EXPECT_EQ(up({.lock_key = 77}).size(), 2U);
  EXPECT_EQ(value("SELECT count FROM held"), "1");
}

TEST_F(Leftovers, OfACallersPoolAreItsOwnToKeep) {
  LentSessions pool(conninfo(), 1);
  pool.acquire({})->send(
      "PREPARE theirs AS SELECT 1; SELECT pg_advisory_lock(5); LISTEN theirs;"
      " BEGIN; DECLARE theirs CURSOR WITH HOLD FOR SELECT 1; COMMIT");
  write("1_a.up.sql",
        "PREPARE ours AS SELECT 1; SELECT pg_advisory_lock(6); LISTEN ours;"
        " DECLARE ours CURSOR WITH HOLD FOR SELECT 1");
  EXPECT_EQ(runner::up(pool, listing(), {}).size(), 1U);
  const auto session = pool.acquire({});
  const auto names = [&](const std::string& what, const std::string& from) {
    return session->send("SELECT string_agg(" + what + ", ',') FROM " + from)
        .front()
        .rows.front()
        .front()
        .value_or("");
  };
  EXPECT_EQ(names("name", "pg_prepared_statements"), "theirs");
  EXPECT_EQ(names("name", "pg_cursors"), "theirs");
  EXPECT_EQ(names("c", "pg_listening_channels() c"), "theirs");
  EXPECT_EQ(names("objid::text", "pg_locks WHERE locktype = 'advisory'"), "5");
}

/// How many prepared statements and advisory locks the pool's session has.
std::string left_in(LentSessions& pool) {
  const auto results = pool.acquire({})->send(
      "SELECT (SELECT count(*) FROM pg_prepared_statements) +"
      " (SELECT count(*) FROM pg_locks WHERE locktype = 'advisory')");
  return results.front().rows.front().front().value_or("");
}

TEST_F(Leftovers, OfAFileThatFailsDoNotStayInACallersPool) {
  LentSessions pool(conninfo(), 1);
  write("1_a.up.sql", "SELECT pg_advisory_lock(6); PREPARE ours AS SELECT 1; SELECT 1/0");
  EXPECT_THROW(runner::up(pool, listing(), {}), Error);
  EXPECT_EQ(left_in(pool), "0");
}

TEST_F(Leftovers, OfAFileThatIsResumedDoNotStayInACallersPool) {
  LentSessions pool(conninfo(), 1);
  write("1_a.up.sql",
        "-- gauntlet: no-transaction\nCREATE TABLE t(x int);\nINSERT INTO later VALUES (1);\n"
        "SELECT pg_advisory_lock(6);\nPREPARE ours AS SELECT 1");
  EXPECT_THROW(runner::up(pool, listing(), {}), Error);
  run("CREATE TABLE later(x int)");
  runner::resume(pool, listing(), Version{1}, {}, {});
  EXPECT_EQ(left_in(pool), "0");
}

TEST_F(Leftovers, ThatCannotBeUndoneAreToldAndTheNextRunGoesOn) {
  run("CREATE ROLE app LOGIN; GRANT ALL ON SCHEMA public TO app;"
      " REVOKE SELECT ON pg_locks FROM PUBLIC");
  write("1_a.up.sql", "PREPARE p AS SELECT 1");
  write("2_b.up.sql", "SELECT 2");
  const auto as_app = [&] {
    try {
      runner::up(*sessions_of(conninfo() + " user=app"), listing(), {});
    } catch (const Error& error) {
      return std::string(error.what());
    }
    return std::string("no error");
  };
  EXPECT_THAT(
      as_app(),
      AllOf(HasSubstr("error[not-restored]: migration 1 (a) is applied, but what it left in "
                      "the session could not be undone: permission denied"),
            HasSubstr("fix:   the next run goes on in a session of its own")));
  EXPECT_EQ(as_app(), "no error");
}

TEST_F(Leftovers, OfASequenceAreNotWhatCurrvalReads) {
  write("1_a.up.sql", "CREATE SEQUENCE s; SELECT nextval('s')");
  write("2_b.up.sql", "CREATE TABLE t AS SELECT currval('s')");
  EXPECT_THAT(failing_up(), HasSubstr("SQLSTATE 55000"));
  write("2_b.up.sql", "CREATE TABLE t AS SELECT nextval('s') AS drawn; SELECT currval('s')");
  EXPECT_EQ(up().size(), 1U);
}

}  // namespace
}  // namespace gauntlet::runner
