#include "harness/observe/observe.h"
#include "harness/observe/test_database.h"

#include <future>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace gauntlet::observe {
namespace {

using namespace std::chrono_literals;
using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

TEST(Leftovers, AreNoneInAQuietDatabase) {
  const TestDatabase database;
  const arena::Connection idle(database.address());

  const core::Leftovers left = leftovers(database.address(), 0ms);

  EXPECT_THAT(left.advisory_locks, IsEmpty());
  EXPECT_THAT(left.open_transactions, IsEmpty());
  EXPECT_THAT(left.running_statements, IsEmpty());
}

TEST(Leftovers, TellAdvisoryLocksByKeyAndSession) {
  const TestDatabase database;
  arena::Connection session(database.address());
  session.run("set application_name = 'leaky'");
  session.run("select pg_advisory_lock(9223372036854775807), pg_advisory_lock_shared(-4, 7)");

  const core::Leftovers left = leftovers(database.address(), 0ms);

  const std::string holder = std::to_string(session.backend_pid()) + " (leaky, idle)";
  EXPECT_THAT(left.advisory_locks,
              ElementsAre("key -4, 7 (ShareLock) by session " + holder,
                          "key 9223372036854775807 (ExclusiveLock) by session " + holder));
}

TEST(Leftovers, LeaveOutLocksOfOtherDatabases) {
  const TestDatabase database;
  const arena::Address other = database.with_database("other", "select 1");
  arena::Connection session(other);
  session.run("select pg_advisory_lock(1)");

  EXPECT_THAT(leftovers(database.address(), 0ms).advisory_locks, IsEmpty());
}

TEST(Leftovers, TellSessionsIdleInATransaction) {
  const TestDatabase database;
  arena::Connection session(database.address());
  session.run("begin");
  session.run("select  17");

  EXPECT_THAT(leftovers(database.address(), 0ms).open_transactions,
              ElementsAre(AllOf(HasSubstr(std::to_string(session.backend_pid())),
                                HasSubstr("last statement: select 17"))));
}

TEST(Leftovers, TellStatementsThatStillRun) {
  const TestDatabase database;
  arena::Connection holder(database.address());
  holder.run("select pg_advisory_lock(1)");
  arena::Connection waiting(database.address());
  auto waits = std::async(std::launch::async, [&] {
    EXPECT_THROW(waiting.run("select pg_advisory_lock(1)"), runner::Error);
  });
  holder.run(
      "do $$ begin while not exists (select from pg_locks where locktype = 'advisory' and "
      "not granted) loop perform pg_stat_clear_snapshot(); end loop; end $$");

  const core::Leftovers left = leftovers(database.address(), 0ms);
  holder.run("select pg_terminate_backend(" + std::to_string(waiting.backend_pid()) + ")");
  waits.get();

  EXPECT_THAT(left.running_statements, ElementsAre(HasSubstr("select pg_advisory_lock(1)")));
}

TEST(Leftovers, AreWaitedForWhileASessionIsStillLeaving) {
  const TestDatabase database;
  auto session = std::make_unique<arena::Connection>(database.address());
  session->run("select pg_advisory_lock(1)");
  auto leaving = std::async(std::launch::async, [&] { session.reset(); });

  EXPECT_THAT(leftovers(database.address(), 30s).advisory_locks, IsEmpty());
}

}  // namespace
}  // namespace gauntlet::observe
