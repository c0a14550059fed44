// What a server or this machine cannot give is told as that, and never held against a runner.
#include "harness/cli/program.h"

#include <csignal>
#include <filesystem>
#include <fstream>
#include <optional>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace gauntlet::cli {
namespace {

namespace fs = std::filesystem;
using testing::AllOf;
using testing::HasSubstr;

std::vector<std::string> with_few_connections(std::vector<std::string> words) {
  words.insert(words.end(), {"--database", "ephemeral", "--server-setting", "max_connections=15"});
  return words;
}

const std::vector<std::string> race = {"verify", "--migrations", orders, "--checks", "replicas"};

TEST(Limits, AFleetLargerThanTheServerAllowsIsUnknownWithTheRemedy) {
  const auto run = gauntlet(with_few_connections(race));
  EXPECT_EQ(run.exit.code, 2) << run.out << run.err;
  // Lines are wrapped where the page ends.
  EXPECT_THAT(run.out, AllOf(HasSubstr("the server allows 15 connections and 16 replicas"),
                             HasSubstr("--replicas 13"), HasSubstr("max_connections")));
}

TEST(Limits, AFleetThatFitsIsJudged) {
  auto words = with_few_connections(race);
  words.insert(words.end(), {"--replicas", "4"});
  const auto run = gauntlet(words);
  EXPECT_EQ(run.exit.code, 0) << run.out << run.err;
}

TEST(Limits, AFleetThatCannotBeMeasuredIsNoFailureOfARunner) {
  const auto run = gauntlet(with_few_connections({"bench", "--replicas", "16", "--rounds", "1"}));
  EXPECT_EQ(run.exit.code, 2) << run.out << run.err;
  EXPECT_THAT(run.err, HasSubstr("max_connections"));
}

/// The postmaster of the only server in a folder of ours, once it is ready.
std::optional<pid_t> postmaster_in(const fs::path& base) {
  std::error_code error;
  for (const auto& entry : fs::directory_iterator(base, error)) {
    std::ifstream file(entry.path() / "data/postmaster.pid");
    pid_t pid = 0;
    std::string status;
    if (!(file >> pid)) continue;
    for (std::string line; std::getline(file, line);) status = line;
    if (status.starts_with("ready")) return pid;
  }
  return std::nullopt;
}

TEST(Limits, MutantsOnAServerThatDiesAreUndecided) {
  const TestFolder folder;
  fs::permissions(folder.path(), fs::perms(0755));
  const fs::path base = folder.path() / "g";
  process::Process run = process::Process::start(
      command_of({"mutants", "lock-is-noop", "random-key", "--scenario", "concurrency/pending",
                  "--repeat", "20", "--database", "ephemeral"},
                 {{"GAUNTLET_FOLDER", base.string()}}));
  ASSERT_TRUE(comes_to([&] { return postmaster_in(base).has_value(); }));
  ASSERT_EQ(::kill(*postmaster_in(base), SIGKILL), 0);
  ASSERT_TRUE(run.wait_for(std::chrono::seconds(120)));
  EXPECT_EQ(run.exit()->text(), "exit 2") << run.out() << run.err();
}

}  // namespace
}  // namespace gauntlet::cli
