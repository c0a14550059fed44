#include "harness/fleet/standstill.h"

#include "harness/fleet/fleet.h"
#include "harness/fleet/wire_fleet.h"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <pqxx/pqxx>
#include <sys/file.h>
#include <sys/socket.h>
#include <unistd.h>

namespace gauntlet::fleet {
namespace {

using std::chrono::milliseconds;
using testing::HasSubstr;
using testing::IsEmpty;

constexpr milliseconds watched_for{60'000};

/// A shell's commands, on a database of their own; a standstill lasts 1.5 s.
class Standing : public testing::Test {
 protected:
  core::History run(const std::string& script, bool is_done = false) const {
    const Subject subject{.name = "program", .command = {"bash", "-c", script}};
    return run_once(subject, *database_, {}, watched_for, options(is_done));
  }

  static StandstillOptions options(bool is_done) {
    return {.idle = milliseconds(1'500), .sleep_max = milliseconds(20'000), .is_done = [is_done] {
              return is_done;
            }};
  }

  static void expect_to_end(const core::History& history) {
    EXPECT_FALSE(history.standstill) << history.standstill->doing << history.standstill->outside;
    EXPECT_EQ(history.exit_of(0)->exit_code, 0) << history.outputs[0].err;
  }

  std::unique_ptr<arena::Arena> arena_ = arena::open("ephemeral", {});
  std::unique_ptr<arena::Database> database_ = arena_->fresh("standstill");
};

TEST_F(Standing, IsAProgramThatSleepsForLong) {
  const core::History history = run("exec sleep 3600");
  ASSERT_TRUE(history.standstill);
  EXPECT_GE(history.standstill->lasted, milliseconds(1'500));
  EXPECT_EQ(history.standstill->doing, "sleep sleeps");
  EXPECT_THAT(history.standstill->outside, IsEmpty());
  EXPECT_FALSE(history.standstill->looks_again);
  EXPECT_LT(history.exit_of(0)->at, milliseconds(10'000));
}

TEST_F(Standing, IsAProgramWhoseThreadsWaitForOneAnother) {
  const core::History history =
      run("exec /usr/bin/python3 -c 'import threading; threading.Event().wait()'");
  ASSERT_TRUE(history.standstill);
  EXPECT_THAT(history.standstill->doing, HasSubstr("python3 waits for another thread"));
}

TEST_F(Standing, IsNoSleepThatEndsSoon) { expect_to_end(run("sleep 4")); }

TEST_F(Standing, IsNoProgramThatCalculates) {
  expect_to_end(run("timeout 4 bash -c 'while :; do :; done' || true"));
}

TEST_F(Standing, IsNoStatementThatTheServerRuns) {
  expect_to_end(run("psql -XqAtc 'SELECT pg_sleep(4)'"));
}

TEST_F(Standing, IsNoProgramThatSendsANewStatementNowAndThen) {
  expect_to_end(
      run("psql -Xqc 'CREATE TABLE t(n int)'; for i in 1 2 3 4 5; do"
          " psql -Xqc \"INSERT INTO t VALUES ($i)\"; sleep 1; done"));
}

// Its first session holds what its second one needs.
TEST_F(Standing, IsAProgramThatStandsInItsOwnWay) {
  const core::History history =
      run("psql -Xqc 'CREATE TABLE t()'; (echo 'BEGIN; LOCK TABLE t;'; sleep 3600) | psql -Xq &"
          " sleep 0.5; psql -Xqc 'SELECT * FROM t'");
  ASSERT_TRUE(history.standstill);
  EXPECT_THAT(history.standstill->outside, IsEmpty());
  EXPECT_EQ(history.waits.front().wait_event_type, "Lock");
}

TEST_F(Standing, WaitsForALockOfAnotherDatabasesSession) {
  pqxx::connection other(database_->maintenance().conninfo());
  pqxx::work holds(other);
  holds.exec0("LOCK TABLE pg_catalog.pg_db_role_setting IN SHARE MODE");
  const core::History history = run("psql -Xqc \"ALTER ROLE CURRENT_USER SET work_mem = '5MB'\"");
  ASSERT_TRUE(history.standstill);
  EXPECT_THAT(history.standstill->outside, HasSubstr("a lock that server process"));
}

TEST_F(Standing, WaitsForAFileThatAnotherProcessHasLocked) {
  const WorkFolder folder;
  const std::string file = folder.path() / "lock";
  const int descriptor = open(file.c_str(), O_CREAT | O_RDWR | O_CLOEXEC, 0600);
  ASSERT_EQ(flock(descriptor, LOCK_EX), 0);
  const core::History history = run("flock " + file + " true");
  close(descriptor);
  ASSERT_TRUE(history.standstill);
  EXPECT_THAT(history.standstill->outside, HasSubstr("a file lock that process"));
}

TEST_F(Standing, WaitsForAPeerThatSaysNothing) {
  const int listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address{
      .sin_family = AF_INET, .sin_port = 0, .sin_addr = {htonl(INADDR_LOOPBACK)}, .sin_zero = {}};
  socklen_t size = sizeof address;
  ASSERT_EQ(bind(listener, reinterpret_cast<sockaddr*>(&address), size), 0);
  ASSERT_EQ(listen(listener, 1), 0);
  getsockname(listener, reinterpret_cast<sockaddr*>(&address), &size);
  const std::string port = std::to_string(ntohs(address.sin_port));
  const core::History history = run("exec 3<>/dev/tcp/127.0.0.1/" + port + "; cat <&3");
  close(listener);
  ASSERT_TRUE(history.standstill);
  EXPECT_THAT(history.standstill->outside, HasSubstr("a connection to 127.0.0.1:" + port));
}

TEST_F(Standing, IsGivenLongerWhereItLooksAgain) {
  const core::History history = run("while :; do sleep 0.3; done");
  ASSERT_TRUE(history.standstill);
  EXPECT_TRUE(history.standstill->looks_again);
  EXPECT_GE(history.standstill->lasted, milliseconds(6'000));
}

TEST_F(Standing, IsOneThatLooksAgainOnceAllIsDone) {
  const core::History history = run("while :; do sleep 0.3; done", true);
  ASSERT_TRUE(history.standstill);
  EXPECT_TRUE(history.standstill->is_done);
  EXPECT_LT(history.standstill->lasted, milliseconds(6'000));
}

TEST_F(Standing, RepeatsAStatementInVain) {
  const core::History history = run("(while :; do echo 'SELECT 1;'; sleep 0.3; done) | psql -Xq");
  ASSERT_TRUE(history.standstill);
  EXPECT_TRUE(history.standstill->looks_again);
}

TEST_F(Standing, IsSeenOnTheWireToo) {
  const Subject subject{.name = "program",
                        .command = {"bash", "-c", "psql -Xqc 'SELECT 1'; exec sleep 3600"}};
  const core::History history = run_on_the_wire(subject, *database_, {}, 1, watched_for,
                                                ProcessFleet::Start::at_once, options(false));
  ASSERT_TRUE(history.standstill);
  EXPECT_EQ(history.standstill->doing, "sleep sleeps");
  EXPECT_EQ(history.exit_of(0)->kind, core::Event::Kind::killed);
}

}  // namespace
}  // namespace gauntlet::fleet
