#include "harness/arena/connection.h"
#include "harness/arena/folders.h"
#include "harness/arena/leftovers.h"
#include "harness/arena/scram.h"
#include "harness/arena/server.h"
#include "harness/process/owner.h"
#include "harness/process/process.h"
#include "runner/values/error.h"

#include <chrono>
#include <functional>
#include <optional>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace gauntlet::arena {
namespace {

namespace fs = std::filesystem;
using std::chrono::seconds;
using std::chrono::steady_clock;

std::string code_of(const std::function<void()>& action) {
  try {
    action();
  } catch (const runner::Error& error) {
    return error.code();
  }
  return "no error";
}

std::string new_name() { return "test-" + random_digits(4); }

std::optional<ServerEntry> entry_of(const fs::path& folder) {
  for (const ServerEntry& entry : list_servers()) {
    if (entry.folder == folder) return entry;
  }
  return std::nullopt;
}

bool goes(const fs::path& folder) {
  const auto deadline = steady_clock::now() + seconds(60);
  while (fs::exists(folder) && steady_clock::now() < deadline) {
    process::run({.argv = {"true"}}, seconds(10));
  }
  return !fs::exists(folder);
}

TEST(ServerList, ShowsARunningServerUnderItsNameWithAUrlThatWorks) {
  const std::string name = new_name();
  const auto server = Server::start({.name = name});
  const auto entry = entry_of(server->folder());
  ASSERT_TRUE(entry);
  EXPECT_EQ(entry->name, name);
  EXPECT_EQ(entry->left, seconds(0));
  EXPECT_EQ(Connection(Address::parse(entry->url)).ask_one("SELECT 1"), "1");
}

TEST(ServerList, AKeptServerOutlivesTheObjectUntilItIsStopped) {
  const std::string name = new_name();
  auto server = Server::start({.name = name});
  const fs::path folder = server->folder();
  server->keep(std::chrono::hours(1));
  server.reset();
  const auto entry = entry_of(folder);
  ASSERT_TRUE(entry);
  EXPECT_GT(entry->left, seconds(3'500));
  EXPECT_EQ(Connection(Address::parse(entry->url)).ask_one("SELECT 1"), "1");
  stop_server(name);
  EXPECT_FALSE(fs::exists(folder));
  EXPECT_TRUE(server_processes_in(folder / "data").empty());
}

TEST(ServerList, AKeptServerEndsWithItsTime) {
  auto server = Server::start({});
  const fs::path folder = server->folder();
  server->keep(seconds(1));
  server.reset();
  EXPECT_TRUE(goes(folder));
}

TEST(ServerList, ANameIsTakenOnce) {
  const std::string name = new_name();
  const auto server = Server::start({.name = name});
  EXPECT_EQ(code_of([&] { Server::start({.name = name}); }), "name-taken");
}

TEST(ServerList, ANameMayHaveNoSlash) {
  EXPECT_EQ(code_of([] { Server::start({.name = "../x"}); }), "bad-name");
}

TEST(ServerList, StoppingOneThatDoesNotRunNamesThoseThatDo) {
  const std::string name = new_name();
  const auto server = Server::start({.name = name});
  try {
    stop_server("no-such-name");
    ADD_FAILURE() << "stopped";
  } catch (const runner::Error& error) {
    EXPECT_EQ(error.code(), "no-such-server");
    EXPECT_THAT(error.where(), testing::HasSubstr(name));
  }
}

TEST(Sweep, SparesTheLivingAndThoseOfAnotherPlace) {
  const auto server = Server::start({});
  process::Owner elsewhere = process::Owner::self();
  elsewhere.machine.replace(8, 8, "00000000");
  const fs::path foreign = server->folder().parent_path() / (elsewhere.text() + "_1");
  fs::create_directory(foreign);
  sweep();
  EXPECT_TRUE(fs::exists(server->folder()));
  EXPECT_TRUE(fs::exists(foreign));
  fs::remove(foreign);
}

TEST(Sweep, TakesTheFolderOfADeadOwner) {
  const auto server = Server::start({});
  process::Owner dead = process::Owner::self();
  dead.start_time -= 1;
  const fs::path left = server->folder().parent_path() / (dead.text() + "_1");
  fs::create_directory(left);
  sweep();
  EXPECT_FALSE(fs::exists(left));
}

}  // namespace
}  // namespace gauntlet::arena
