#include "harness/arena/address.h"
#include "harness/cli/program.h"
#include "runner/postgres.h"
#include "runner/values/session.h"

#include <algorithm>
#include <csignal>
#include <filesystem>
#include <map>
#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>
#include <sys/stat.h>

namespace gauntlet::cli {
namespace {

using nlohmann::json;
using testing::HasSubstr;
using testing::Not;

/// A server with a name of its own, ended with the test.
class StandingServer {
 public:
  explicit StandingServer(const std::string& name)
      : name_(name + "-" + std::to_string(getpid())),
        started_(gauntlet({"server", "start", "--name", name_, "--ttl", "2m"})) {}
  ~StandingServer() { gauntlet({"server", "stop", name_}); }
  StandingServer(const StandingServer&) = delete;
  StandingServer& operator=(const StandingServer&) = delete;

  const std::string& name() const { return name_; }
  const process::Finished& started() const { return started_; }
  std::string url() const { return started_.out.substr(0, started_.out.find('\n')); }

 private:
  std::string name_;
  process::Finished started_;
};

TEST(ServerProgram, StartsOneThatAnswersAtTheUrlItPrints) {
  const StandingServer server("answers");
  ASSERT_EQ(server.started().exit.code, 0) << server.started().err;
  const auto session = runner::connect_postgres(server.url());
  EXPECT_EQ(session->query("SELECT 1").rows.at(0).at(0), "1");
}

TEST(ServerProgram, PrintsNothingButTheUrl) {
  const StandingServer server("prints");
  EXPECT_EQ(server.started().out, server.url() + "\n");
  EXPECT_THAT(server.url(), testing::StartsWith("postgresql://"));
}

TEST(ServerProgram, TellsTheNameOfAServerThatWasGivenNone) {
  const auto start = gauntlet({"server", "start", "--ttl", "2m", "--json"});
  const json started = json::parse(start.out, nullptr, false);
  ASSERT_NE(started.value("name", ""), "") << start.out << start.err;
  EXPECT_EQ(gauntlet({"server", "stop", started["name"]}).exit.code, 0);
}

TEST(ServerProgram, TellsTheUrlAgain) {
  const StandingServer server("again");
  EXPECT_EQ(gauntlet({"server", "url", server.name()}).out, server.started().out);
}

TEST(ServerProgram, ListsWhatRunsWithoutItsPassword) {
  const StandingServer server("listed");
  const auto list = gauntlet({"server", "list", "--json"});
  const std::string password = arena::Address::parse(server.url()).password();
  ASSERT_NE(password, "");
  EXPECT_THAT(list.out, HasSubstr(server.name()));
  EXPECT_THAT(list.out + gauntlet({"server", "list"}).out, Not(HasSubstr(password)));
  EXPECT_EQ(json::parse(list.out, nullptr, false).value("schema", 0), 1);
}

TEST(ServerProgram, IsGoneOnceStopped) {
  const StandingServer server("stopped");
  EXPECT_EQ(gauntlet({"server", "stop", server.name()}).exit.code, 0);
  EXPECT_THAT(gauntlet({"server", "list"}).out, Not(HasSubstr(server.name())));
  EXPECT_ANY_THROW(runner::connect_postgres(server.url()));
}

TEST(ServerProgram, ToldANameThatNoServerHasSaysSo) {
  for (const char* verb : {"stop", "url"}) {
    SCOPED_TRACE(verb);
    const auto run = gauntlet({"server", verb, "nobody-is-called-so"});
    EXPECT_EQ(run.exit.code, 2);
    EXPECT_THAT(run.err, HasSubstr("no server is called `nobody-is-called-so`"));
  }
}

TEST(ServerProgram, RefusesADurationWithoutAUnit) {
  EXPECT_EQ(gauntlet({"server", "start", "--ttl", "7"}).exit.code, 64);
}

TEST(CleanProgram, ReportsWhatItRemoved) {
  const auto run = gauntlet({"clean", "--json"});
  EXPECT_EQ(run.exit.code, 0) << run.err;
  EXPECT_TRUE(json::parse(run.out, nullptr, false).contains("folders")) << run.out;
}

class StartEndedBy : public testing::TestWithParam<int> {};

/// At moments over the whole start: afterwards `list` shows the server with its time left, and
/// `stop` ends it, or nothing is left that would not go by itself.
TEST_P(StartEndedBy, LeavesNothingThatListAndStopCannotSee) {
  const TestFolder base;
  const std::map<std::string, std::string> environment = {
      {"GAUNTLET_FOLDER", (base.path() / "g").string()}};
  ASSERT_EQ(chmod(base.path().c_str(), 0711), 0);
  ASSERT_EQ(gauntlet({"server", "start", "--name", "warm", "--ttl", "5m"}, environment).exit.code,
            0);
  gauntlet({"server", "stop", "warm"}, environment);
  for (const int milliseconds : {1, 10, 25, 40, 60, 80, 110, 150, 200, 300}) {
    SCOPED_TRACE(milliseconds);
    auto start = process::Process::start(
        command_of({"server", "start", "--name", "mine", "--ttl", "5m"}, environment));
    start.wait_for(std::chrono::milliseconds(milliseconds));
    start.signal(GetParam());
    start.wait_for(std::chrono::seconds(60));
    const auto listed = [&] {
      return json::parse(gauntlet({"server", "list", "--json"}, environment).out).at("servers");
    };
    const auto is_settled = [&] {
      const json servers = listed();
      return servers.empty() || servers[0].contains("seconds_left");
    };
    EXPECT_TRUE(comes_to(is_settled)) << listed();
    if (!listed().empty()) {
      EXPECT_EQ(gauntlet({"server", "stop", "mine"}, environment).exit.code, 0);
    }
    EXPECT_EQ(gauntlet({"clean"}, environment).exit.code, 0);
    EXPECT_TRUE(comes_to([&] {
      std::size_t left = 0;
      for (const auto& entry : std::filesystem::directory_iterator(base.path() / "g"))
        if (std::filesystem::exists(entry.path() / "keeper")) ++left;
      return left == 0;
    }));
  }
}

INSTANTIATE_TEST_SUITE_P(Signals, StartEndedBy, testing::Values(SIGKILL, SIGINT),
                         [](const auto& signal) {
                           return std::string(signal.param == SIGKILL ? "SIGKILL" : "SIGINT");
                         });

TEST(ServerProgram, EndsAServerWhoseUrlNobodyCouldRead) {
  const std::string name = "unread-" + std::to_string(getpid());
  const auto start = process::run(
      {.argv = {"sh", "-c", program + " server start --ttl 2m --name " + name + " >/dev/full"}},
      std::chrono::seconds(60));
  EXPECT_EQ(start.exit.code, 2) << start.err;
  EXPECT_THAT(gauntlet({"server", "list"}).out, Not(HasSubstr(name)));
}

TEST(CleanProgram, RemovesNothingThatIsAlive) {
  const StandingServer server("alive");
  gauntlet({"clean"});
  EXPECT_NO_THROW(runner::connect_postgres(server.url()));
}

TEST(ListProgram, GivesEveryCheckWithItsClaim) {
  const json listed = json::parse(gauntlet({"list", "checks", "--json"}).out, nullptr, false);
  ASSERT_TRUE(listed.contains("checks"));
  EXPECT_TRUE(std::ranges::any_of(listed["checks"], [](const json& check) {
    return check.value("id", "") == "replicas" && !check.value("claim", "").empty();
  })) << listed;
}

TEST(ListProgram, GivesTheFindingsOfLint) {
  EXPECT_THAT(gauntlet({"list", "findings"}).out, HasSubstr("duplicate-version"));
}

TEST(ListProgram, GivesEveryOracle) {
  EXPECT_THAT(gauntlet({"list", "oracles"}).out, HasSubstr("data-equals-serial"));
}

}  // namespace
}  // namespace gauntlet::cli
