#include "harness/arena/server_watch.h"

#include "harness/arena/connection.h"
#include "harness/arena/server.h"

#include <csignal>

#include <gtest/gtest.h>

namespace gauntlet::arena {
namespace {

TEST(ServerWatch, AServerThatGoesOnIsNotLost) {
  const auto server = Server::start({});
  const ServerWatch watch(server->local());
  Connection(server->local()).run("CREATE TABLE t ()");
  EXPECT_FALSE(watch.was_lost());
}

TEST(ServerWatch, ASessionThatIsEndedInOrderLosesNoServer) {
  const auto server = Server::start({});
  const ServerWatch watch(server->local());
  const Connection ended(server->local());
  Connection(server->local())
      .ask("SELECT pg_terminate_backend($1::int)", {std::to_string(ended.backend_pid())});
  EXPECT_FALSE(watch.was_lost());
}

TEST(ServerWatch, AServerWhoseProcessCrashedIsLostAlthoughItAnswersAgain) {
  const auto server = Server::start({});
  const ServerWatch watch(server->local());
  Connection victim(server->local());
  ASSERT_EQ(::kill(victim.backend_pid(), SIGKILL), 0);
  EXPECT_THROW(victim.ask("SELECT 1"), StatementError);
  EXPECT_TRUE(watch.was_lost());
}

TEST(ServerWatch, AServerThatEndedIsLost) {
  auto server = Server::start({});
  const ServerWatch watch(server->local());
  server.reset();
  EXPECT_TRUE(watch.was_lost());
}

TEST(ServerWatch, AServerThatIsFullIsNotLost) {
  const auto server = Server::start(
      {.settings = {{"max_connections", "5"}, {"superuser_reserved_connections", "0"}}});
  const ServerWatch watch(server->local());
  std::vector<Connection> all;
  try {
    for (int i = 0; i < 5; ++i) all.emplace_back(server->local());
  } catch (const runner::Error&) {
    // Our session of before may still be ending: full is full.
  }
  EXPECT_THROW(Connection(server->local()), runner::Error);
  EXPECT_FALSE(watch.was_lost());
}

}  // namespace
}  // namespace gauntlet::arena
