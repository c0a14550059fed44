#include "harness/fleet/door.h"

#include "harness/process/process.h"
#include "runner/values/error.h"

#include <chrono>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <pqxx/pqxx>

namespace gauntlet::fleet {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using std::chrono::steady_clock;

class DoorTest : public ::testing::Test {
 protected:
  process::Process psql(const std::string& sql) const {
    return process::Process::start(
        {.argv = {"psql", "-XAtqc", sql}, .environment = database_->loopback().environment()});
  }

  /// Asks who waits until `wanted` sessions do, at most ten seconds.
  static std::size_t wait_for_waiting(const Door& door, std::size_t wanted, process::Process& any) {
    const auto deadline = steady_clock::now() + seconds(10);
    std::size_t waiting = door.waiting();
    while (waiting < wanted && steady_clock::now() < deadline && !any.wait_for(milliseconds(5))) {
      waiting = door.waiting();
    }
    return waiting;
  }

  std::unique_ptr<arena::Arena> arena_ = arena::open("ephemeral", {});
  std::unique_ptr<arena::Database> database_ = arena_->fresh("door");
};

TEST_F(DoorTest, HoldsEverySessionUntilItIsOpened) {
  Door door(*database_);
  process::Process first = psql("SELECT 1");
  process::Process second = psql("SELECT 1");
  ASSERT_EQ(wait_for_waiting(door, 2, first), 2U);
  EXPECT_EQ(first.wait_for(milliseconds(100)), std::nullopt);

  door.open();

  EXPECT_TRUE(first.wait_for(seconds(10)).value().ok()) << first.err();
  EXPECT_TRUE(second.wait_for(seconds(10)).value().ok()) << second.err();
}

TEST_F(DoorTest, LeavesTheDatabaseUnderItsName) {
  { const Door door(*database_); }
  process::Process after = psql("SELECT current_database()");
  ASSERT_TRUE(after.wait_for(seconds(10)).has_value());
  EXPECT_EQ(after.out(), database_->address().database() + "\n");
}

TEST_F(DoorTest, IsOpenedWhenItGoes) {
  auto door = std::make_unique<Door>(*database_);
  process::Process psql_held = psql("SELECT 1");
  ASSERT_EQ(wait_for_waiting(*door, 1, psql_held), 1U);
  door.reset();
  EXPECT_TRUE(psql_held.wait_for(seconds(10)).has_value());
}

TEST_F(DoorTest, CannotBeClosedBehindASessionThatIsInside) {
  const pqxx::connection inside(database_->address().conninfo());
  try {
    const Door door(*database_);
    FAIL() << "closed with a session inside";
  } catch (const runner::Error& error) {
    EXPECT_EQ(error.code(), "no-door");
    EXPECT_THAT(error.message(), ::testing::HasSubstr("being accessed by other users"));
  }
}

}  // namespace
}  // namespace gauntlet::fleet
