#include "harness/arena/pooler.h"

#include "harness/arena/connection.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace gauntlet::arena {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using Mode = PoolerOptions::Mode;

const std::string process_of = "SELECT pg_backend_pid()";

TEST(Pooler, LendsOneServerConnectionToTwoClientsInTransactionMode) {
  const auto server = Server::start({});
  const Pooler pooler(*server, {.mode = Mode::transaction, .pool_size = 1});
  Connection one(pooler.address());
  Connection other(pooler.address());
  EXPECT_EQ(one.ask_one(process_of), other.ask_one(process_of));
}

TEST(Pooler, KeepsAServerConnectionForEachClientInSessionMode) {
  const auto server = Server::start({});
  const Pooler pooler(*server, {.mode = Mode::session, .pool_size = 2});
  Connection one(pooler.address());
  Connection other(pooler.address());
  const std::string first = one.ask_one(process_of);
  EXPECT_NE(other.ask_one(process_of), first);
  EXPECT_EQ(one.ask_one(process_of), first);
}

TEST(Pooler, IsGoneWithItsFolderWhileItsServerLives) {
  const auto server = Server::start({});
  std::filesystem::path folder;
  {
    const Pooler pooler(*server, {});
    folder = pooler.address().host();
    EXPECT_TRUE(std::filesystem::exists(folder));
  }
  EXPECT_FALSE(std::filesystem::exists(folder));
  EXPECT_EQ(Connection(server->local()).ask_one("SELECT 1"), "1");
}

TEST(Pooler, ThatDoesNotStartShowsItsLog) {
  const auto server = Server::start({});
  try {
    const Pooler pooler(*server, {.settings = {{"pool_mode", "nonsense"}}});
    FAIL() << "it started";
  } catch (const runner::Error& error) {
    EXPECT_THAT(error.what(), AllOf(HasSubstr("error[pooler-did-not-start]: a pooler ended"),
                                    HasSubstr("nonsense")));
  }
}

}  // namespace
}  // namespace gauntlet::arena
