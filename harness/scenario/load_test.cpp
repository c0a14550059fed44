#include "harness/scenario/load.h"

#include "runner/error.h"
#include "runner/folder_test.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace gauntlet::scenario {
namespace {

using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;

const std::vector<std::string_view> oracles = {"all-succeed", "data-equals-serial"};

class Load : public testing::Test {
 protected:
  std::filesystem::path write(const std::string& name, std::string_view text) const {
    return folder_.write(name, text);
  }

  /// What is wrong with a file of this text: place and message; `nothing` if it is read.
  std::string refusal(std::string_view text) const {
    Loaded loaded;
    try {
      load(write("mine.toml", text), oracles, loaded);
    } catch (const runner::Error& error) {
      return error.where().substr(folder_.path().string().size() + 1) + " " + error.message();
    }
    return "nothing";
  }

  const runner::TestFolder folder_;
};

constexpr std::string_view head = "id = 'mine/pending'\nclaim = 'it holds'\nwhy = 'or it hurts'\n";

constexpr std::string_view two_stages = R"toml(
patience = 5000
[[stage]]
name = "first"
migrations = "db"
replicas = 3
arrival = "staggered"
oracles = ["all-succeed"]
[[stage]]
name = "second"
files = { "002_b.up.sql" = "SELECT 1" }
prepare = "CREATE TABLE old(x int)"
connections = 2
table = "fresh.tracker"
foreign_lock = 200
oracles = ["all-succeed", "data-equals-serial"]
)toml";

TEST_F(Load, ReadsAScenarioWithItsFolderAndFilesOfItsOwn) {
  write("db/001_a.up.sql", "CREATE TABLE a(x int);\n");
  const auto file = write("mine.toml", std::string(head) + std::string(two_stages));
  Loaded loaded;
  load(file, oracles, loaded);
  const Scenario& scenario = loaded.scenario;
  EXPECT_EQ(scenario.id, "mine/pending");
  EXPECT_EQ(scenario.claim, "it holds");
  EXPECT_EQ(scenario.why, "or it hurts");
  EXPECT_EQ(scenario.patience, std::chrono::seconds(5));
  ASSERT_EQ(scenario.stages.size(), 2U);
  const Stage& first = scenario.stages[0];
  EXPECT_EQ(first.name, "first");
  ASSERT_EQ(first.files.size(), 1U);
  EXPECT_EQ(first.files[0].name, "001_a.up.sql");
  EXPECT_EQ(first.files[0].sql, "CREATE TABLE a(x int);\n");
  EXPECT_EQ(first.replicas, 3U);
  EXPECT_EQ(first.arrival, Arrival::staggered);
  const Stage& second = scenario.stages[1];
  EXPECT_EQ(second.files.at(0).name, "002_b.up.sql");
  EXPECT_EQ(second.prepare, "CREATE TABLE old(x int)");
  EXPECT_EQ(second.connections, 2U);
  EXPECT_EQ(second.table, "fresh.tracker");
  EXPECT_EQ(second.foreign_lock->window, std::chrono::milliseconds(200));
  EXPECT_THAT(second.oracles, ElementsAre("all-succeed", "data-equals-serial"));
}

TEST_F(Load, SaysWhereASlipOfThePenIs) {
  const std::string begin(head);
  const std::vector<std::pair<std::string, testing::Matcher<std::string>>> slips = {
      {"id = 'x", testing::StartsWith("mine.toml:1 ")},
      {"id = 'mine/x'\n", HasSubstr("mine.toml:1 `claim` is missing")},
      {begin, HasSubstr("there is no `[[stage]]`")},
      {begin + "[[stage]]\nname = 'a'\n", HasSubstr("mine.toml:4 `oracles` names what judges")},
      {begin + "[[stage]]\nname = 'a'\noracles = ['all-suceed']\n",
       AllOf(HasSubstr("mine.toml:6 there is no oracle `all-suceed`"), HasSubstr("all-succeed"))},
      {begin + "[[stage]]\nname = 'a'\nreplica = 3\noracles = ['all-succeed']\n",
       HasSubstr("mine.toml:6 `replica` is not known here; there are name, migrations")},
      {begin + "[[stage]]\nname = 'a'\nreplicas = 0\noracles = ['all-succeed']\n",
       HasSubstr("mine.toml:6 `replicas` is a number from 1")},
      {begin + "[[stage]]\nname = 'a'\nreplicas = '3'\noracles = ['all-succeed']\n",
       HasSubstr("mine.toml:6 `replicas` is a number")},
      {begin + "[[stage]]\nname = 'a'\narrival = 'late'\noracles = ['all-succeed']\n",
       HasSubstr("mine.toml:6 `late` is no arrival")},
      {begin + "[[stage]]\nname = 'a'\nmigrations = 'none'\noracles = ['all-succeed']\n",
       HasSubstr("mine.toml:6 ")},
      {begin + "patience = 0\n[[stage]]\nname = 'a'\noracles = ['all-succeed']\n",
       HasSubstr("mine.toml:4 `patience` is a number of milliseconds")}};
  for (const auto& [text, told] : slips) {
    SCOPED_TRACE(text);
    EXPECT_THAT(refusal(text), told);
  }
}

TEST_F(Load, ToldAFileThatIsNotThereSaysSo) {
  Loaded loaded;
  EXPECT_THAT([&] { load(folder_.file("none.toml"), oracles, loaded); },
              testing::ThrowsMessage<runner::Error>(HasSubstr("unreadable-file")));
}

}  // namespace
}  // namespace gauntlet::scenario
