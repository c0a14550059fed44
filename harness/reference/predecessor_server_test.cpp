// Taking over from golang-migrate while things go wrong, or while it still runs.
#include "harness/reference/race_test.h"
#include "harness/reference/server_fixture_test.h"
#include "harness/reference/watched_sessions_test.h"

#include <future>

namespace gauntlet::runner {
namespace {

using std::chrono::milliseconds;
using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

class TakingOver : public OnServer {
 protected:
  TakingOver() {
    for (int version = 1; version < 4; ++version) {
      write(std::to_string(version) + "_data.up.sql",
            "INSERT INTO journal VALUES (" + std::to_string(version) + ")");
    }
    run("CREATE TABLE journal(x int)");
  }
  void predecessor(const std::string& row) const {
    run("CREATE TABLE schema_migrations (version bigint NOT NULL PRIMARY KEY, dirty boolean NOT "
        "NULL);" +
        row);
  }
  std::string journal() const {
    return value("SELECT string_agg(x::text, ',' ORDER BY x) FROM journal");
  }
  std::string applied() const {
    return value(
        "SELECT string_agg(version || coalesce(left(checksum, 0), ' null'), ', ' ORDER BY version) "
        "FROM applied_migrations");
  }
};

TEST_F(TakingOver, ByEightReplicasAtOnceRecordsAndAppliesEachOnce) {
  predecessor("INSERT INTO schema_migrations VALUES (2, false)");
  for (const LockMode mode : {LockMode::notify, LockMode::transaction}) {
    SCOPED_TRACE(to_string(mode));
    run("DROP TABLE IF EXISTS applied_migrations; TRUNCATE journal");
    RunOptions options;
    options.lock = mode;
    const Raced raced = race(8, [&](int) { return up(options); });
    EXPECT_THAT(raced.errors, IsEmpty());
    EXPECT_THAT(raced.applied, ElementsAre(Version{3}));
    EXPECT_EQ(journal(), "3");
    EXPECT_EQ(applied(), "1 null, 2 null, 3");
  }
}

TEST_F(TakingOver, WaitsForThePredecessorThatIsWritingItsTableAndSeesWhatItWrote) {
  predecessor("INSERT INTO schema_migrations VALUES (2, false)");
  const auto other = connect();
  other->send("BEGIN; TRUNCATE schema_migrations; INSERT INTO schema_migrations VALUES (3, false)");
  auto running = std::async(std::launch::async, [this] { return up(); });
  EXPECT_TRUE(eventually(
      "SELECT EXISTS (SELECT FROM pg_locks WHERE NOT granted AND mode = 'ShareLock' AND relation = "
      "'schema_migrations'::regclass)"));
  other->send("COMMIT");
  EXPECT_THAT(running.get(), IsEmpty());
  EXPECT_EQ(applied(), "1 null, 2 null, 3 null");
}

TEST_F(TakingOver, WaitsNoLongerForThePredecessorThanItMay) {
  predecessor("INSERT INTO schema_migrations VALUES (2, false)");
  const auto other = connect();
  other->send("BEGIN; UPDATE schema_migrations SET dirty = true");
  RunOptions options;
  options.lock_timeout = milliseconds(100);
  options.lock_retries.times = 0;
  EXPECT_THAT(
      failing_up(options),
      AllOf(HasSubstr("error[cannot-prepare-tracker]: the tracker public.applied_migrations could "
                      "not be prepared: canceling statement due to lock timeout (SQLSTATE 55P03)"),
            HasSubstr("fix:   end the session that writes the predecessor's table")));
  other->send("ROLLBACK");
  EXPECT_THAT(up(), ElementsAre(Version{3}));
}

TEST_F(TakingOver, TakesABrokenConnectionForNothingElse) {
  predecessor("INSERT INTO schema_migrations VALUES (2, false)");
  for (const std::string at : {"c.oid = COALESCE(", "LOCK TABLE", "INSERT INTO", "COMMIT"}) {
    SCOPED_TRACE(at);
    WatchedSessions sessions(
        conninfo(), {.before_send = [&](Session& direct, std::string_view message) {
          if (at == "COMMIT" ? message != at : message.find(at) == message.npos) return;
          run("SELECT pg_terminate_backend(" + std::to_string(direct.backend_pid()) + ", 60000)");
        }});
    EXPECT_THROW(runner::up(sessions, listing(), {}), SqlError);
    EXPECT_EQ(value("SELECT to_regclass('applied_migrations')"), "null");
  }
  EXPECT_THAT(up(), ElementsAre(Version{3}));
}

TEST_F(TakingOver, SaysNothingOfAPredecessorThatWasRolledBackToItsStart) {
  predecessor("INSERT INTO schema_migrations VALUES (-1, false)");
  EXPECT_EQ(up().size(), 3U);
}

TEST_F(TakingOver, ReadsNoTableOfAnotherShape) {
  const std::vector<std::string> shapes{"(version varchar PRIMARY KEY)",       // Rails
                                        "(version varchar(128) PRIMARY KEY)",  // dbmate
                                        "(version bigint, dirty boolean, at timestamptz)",
                                        "(dirty boolean)"};
  for (const std::string& shape : shapes) {
    SCOPED_TRACE(shape);
    run("DROP TABLE IF EXISTS schema_migrations, applied_migrations; CREATE TABLE "
        "schema_migrations" +
        shape);
    std::string warned;
    const auto applied = up({}, [&](const Event& event) {
      if (const auto* warning = std::get_if<Warned>(&event)) warned = warning->text;
    });
    EXPECT_EQ(applied.size(), 3U);
    EXPECT_THAT(warned, AllOf(HasSubstr("public.schema_migrations ("),
                              HasSubstr("is another tool's and was not read")));
  }
}

TEST_F(TakingOver, TakesMoreThanOneRowForAnotherToolsTable) {
  run("CREATE TABLE schema_migrations (version bigint, dirty boolean);"
      "INSERT INTO schema_migrations VALUES (1, false), (2, false)");
  EXPECT_EQ(up().size(), 3U);
}

}  // namespace
}  // namespace gauntlet::runner
