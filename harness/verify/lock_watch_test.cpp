#include "harness/verify/lock_watch.h"

#include "harness/verify/test_ground.h"

#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace gauntlet::verify::test {
namespace {

std::uint32_t oid_of(const GivenServer& server, const std::string& table) {
  return static_cast<std::uint32_t>(
      std::stoul(server.value("SELECT '" + table + "'::regclass::oid")));
}

TEST(LockWatch, SeesTheStrongestLockOfTheWatchedProcess) {
  const GivenServer server;
  server.run("CREATE TABLE a (id int)");
  const auto session = server.connect();
  LockWatch watch(server.address().with_database("postgres"), session->backend_pid());

  watch.start(std::chrono::milliseconds(0));
  session->send("BEGIN; SELECT * FROM a; LOCK TABLE a IN SHARE MODE; SELECT pg_sleep(0.2); COMMIT");
  const SeenLocks seen = watch.stop();

  ASSERT_EQ(seen.count(oid_of(server, "a")), 1U);
  EXPECT_EQ(seen.at(oid_of(server, "a")).mode, "ShareLock");
}

TEST(LockWatch, SeesNothingOfOtherProcesses) {
  const GivenServer server;
  server.run("CREATE TABLE a (id int)");
  const auto other = server.connect();
  other->send("BEGIN; LOCK TABLE a");
  const auto session = server.connect();
  LockWatch watch(server.address(), session->backend_pid());

  watch.start(std::chrono::milliseconds(0));
  session->send("SELECT pg_sleep(0.1)");

  EXPECT_TRUE(watch.stop().empty());
}

TEST(LockWatch, AsksNothingBeforeItsGraceIsOver) {
  const GivenServer server;
  const auto session = server.connect();
  LockWatch watch(server.address(), session->backend_pid());

  watch.start(std::chrono::hours(1));
  watch.stop();

  EXPECT_EQ(server.value("SELECT count(*) FROM pg_stat_activity "
                         "WHERE application_name = 'gauntlet watch'"),
            "0");
}

TEST(LockWatch, TellsWhyItCannotSee) {
  const GivenServer server;
  const auto session = server.connect();
  LockWatch watch(server.address().with_database("no such"), session->backend_pid());

  watch.start(std::chrono::milliseconds(0));
  session->send("SELECT pg_sleep(0.2)");
  watch.stop();

  EXPECT_NE(watch.failure(), "");
}

TEST(LockStrength, OrdersTheModes) {
  EXPECT_LT(lock_strength("AccessShareLock"), lock_strength("RowExclusiveLock"));
  EXPECT_LT(lock_strength("ShareUpdateExclusiveLock"), lock_strength("ShareLock"));
  EXPECT_LT(lock_strength("ExclusiveLock"), lock_strength("AccessExclusiveLock"));
  EXPECT_EQ(lock_strength("SIReadLock"), 0);
}

}  // namespace
}  // namespace gauntlet::verify::test
