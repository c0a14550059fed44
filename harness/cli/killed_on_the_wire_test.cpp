// Gauntlet killed while a program runs behind its proxy: nothing of either is left.
#include "harness/arena/connection.h"
#include "harness/arena/server.h"
#include "harness/cli/program.h"
#include "harness/process/owner.h"

#include <csignal>
#include <filesystem>
#include <fstream>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace gauntlet::cli {
namespace {

struct Way {
  const char* name;
  std::vector<std::string> words;
};

class KilledOnTheWire : public testing::TestWithParam<Way> {
 protected:
  std::string on_server(const std::string& sql) const {
    return arena::Connection(server_->local()).ask_one(sql);
  }
  /// Sessions that the program opened, whose waits nothing but their end would end.
  std::string waiting() const {
    return on_server(
        "SELECT count(*) FROM pg_stat_activity WHERE query LIKE '%advisory_lock(4711)%'"
        " AND pid <> pg_backend_pid() AND datname LIKE 'gauntlet%'");
  }
  std::size_t folders_of(const std::string& owner) const {
    std::size_t count = 0;
    for (const auto& entry : std::filesystem::recursive_directory_iterator(base_.path()))
      count += entry.path().filename().string().find(owner) == std::string::npos ? 0U : 1U;
    return count;
  }

  const std::unique_ptr<arena::Server> server_ = arena::Server::start({});
  const TestFolder base_, folder_;
};

TEST_P(KilledOnTheWire, LeavesNoSessionProcessDatabaseOrFile) {
  // It waits for ever: for a lock that its own second session holds.
  const std::string runner =
      "sh -c 'echo $$ >\"$0\"; psql -qX -c \"SELECT pg_advisory_lock(4711)\" -c \"\\\\! psql -X -c "
      "\\\"SELECT pg_advisory_lock(4711)\\\"\"' " +
      folder_.file("pid");
  const std::map<std::string, std::string> environment = {{"GAUNTLET_FOLDER", base_.path()}};
  std::vector<std::string> words = GetParam().words;
  words.insert(words.end(), {"--runner", runner, "--database", server_->loopback().url()});
  auto run = process::Process::start(command_of(std::move(words), environment));
  const std::string owner = process::Owner::of(run.pid())->text();
  ASSERT_TRUE(comes_to([&] { return waiting() == "2"; })) << run.err();
  EXPECT_GT(folders_of(owner), 0U);
  pid_t runner_pid = 0;
  std::ifstream(folder_.file("pid")) >> runner_pid;
  const auto runner_owner = process::Owner::of(runner_pid);
  ASSERT_TRUE(runner_owner);

  run.signal(SIGKILL);
  ASSERT_TRUE(run.wait_for(std::chrono::seconds(60)).has_value());

  EXPECT_TRUE(comes_to([&] { return runner_owner->life() == process::Owner::Life::dead; }));
  EXPECT_TRUE(comes_to([&] { return waiting() == "0"; }));
  EXPECT_TRUE(comes_to([&] {
    return on_server("SELECT count(*) FROM pg_database WHERE datname LIKE 'gauntlet%'") == "0";
  }));
  EXPECT_EQ(gauntlet({"clean"}, environment).exit.code, 0);
  EXPECT_EQ(folders_of(owner), 0U);
}

INSTANTIATE_TEST_SUITE_P(Every, KilledOnTheWire,
                         testing::Values(Way{"Trace", {"trace"}},
                                         Way{"Test", {"test", "concurrency/data-only"}}),
                         [](const auto& about) { return std::string(about.param.name); });

}  // namespace
}  // namespace gauntlet::cli
