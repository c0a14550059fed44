#include "harness/arena/fleet_conditions.h"

#include "harness/arena/connection.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace gauntlet::arena {
namespace {

using testing::HasSubstr;
using testing::Not;

void fail(const Database& database, const std::string& table) {
  Connection connection(database.address());
  EXPECT_THROW(connection.run("SELECT FROM " + table), StatementError);
}

TEST(FleetConditions, HoldWhatAThrowawayServerLoggedSinceTheyWereRead) {
  const auto arena = open("ephemeral", {});
  const auto database = arena->fresh("log");
  fail(*database, "too_early");
  const FleetConditions conditions(*database, {});
  fail(*database, "in_time");
  EXPECT_THAT(conditions.server_log(), HasSubstr("in_time"));
  EXPECT_THAT(conditions.server_log(), Not(HasSubstr("too_early")));
  EXPECT_FALSE(conditions.server_was_lost());
}

TEST(FleetConditions, ReadTheLogOfAnOwnServerThatHoldsSeveralDatabases) {
  const auto server = Server::start({});
  const auto arena = open_on(*server);
  const auto database = arena->fresh("log");
  const FleetConditions conditions(*database, {});
  fail(*database, "in_time");
  EXPECT_THAT(conditions.server_log(), HasSubstr("in_time"));
  EXPECT_TRUE(arena->has_own_servers());
}

TEST(FleetConditions, HaveNoLogOfAGivenServer) {
  const auto server = Server::start({});
  const auto arena = open(server->loopback().url(), {});
  const auto database = arena->fresh("log");
  const FleetConditions conditions(*database, {});
  fail(*database, "in_time");
  EXPECT_EQ(conditions.server_log(), "");
  EXPECT_FALSE(arena->has_own_servers());
}

}  // namespace
}  // namespace gauntlet::arena
