#include "harness/arena/connection.h"
#include "harness/arena/folders.h"
#include "harness/arena/server.h"
#include "harness/cli/program.h"
#include "harness/process/owner.h"

#include <csignal>
#include <filesystem>
#include <map>
#include <string>
#include <tuple>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

namespace gauntlet::cli {
namespace {

using nlohmann::json;
using testing::AllOf;
using testing::AnyOf;
using testing::HasSubstr;

const std::string quick = "order/skip-hole";

TEST(TestProgram, ExitsZeroWhereAScenarioHolds) {
  const auto run = gauntlet(
      {"test", quick, "--database", "ephemeral", "--repeat", "2", "--json", "--seed", "7"});
  ASSERT_EQ(run.exit.code, 0) << run.out << run.err;
  const json report = only_object_on(run.out);
  EXPECT_EQ(report.at("verdict"), "holds");
  EXPECT_EQ(report.at("seed"), 7);
  ASSERT_EQ(report.at("results").size(), 1U);
  EXPECT_EQ(report["results"][0].at("id"), quick);
  EXPECT_EQ(report["results"][0].at("repeats").at("holds"), 2);
}

TEST(TestProgram, TellsRunsAtTheSameTimeInTheirOrder) {
  const auto run = gauntlet(
      {"test", "order/*", "--database", "ephemeral", "--jobs", "4", "--repeat", "2", "--json"});
  ASSERT_EQ(run.exit.code, 0) << run.out << run.err;
  const json results = only_object_on(run.out).at("results");
  std::vector<std::string> told;
  for (const json& result : results) {
    told.push_back(result.at("id"));
    EXPECT_EQ(result.at("repeats").at("holds"), 2) << result.dump(1);
  }
  EXPECT_GT(told.size(), 3U);
  const json listed = only_object_on(gauntlet({"list", "--json"}).out).at("scenarios");
  std::vector<std::string> expected;
  for (const json& scenario : listed) {
    std::string id = scenario.at("id");
    if (id.starts_with("order/")) expected.push_back(std::move(id));
  }
  EXPECT_EQ(told, expected);
}

TEST(TestProgram, ExitsOneForAMutantAndEndsInTheLineThatRepeatsIt) {
  const TestFolder folder;
  const auto run = gauntlet({"test", quick, "--mutant", "high-water-mark", "--database",
                             "ephemeral", "--seed", "7", "--history", folder.file("history.json")});
  ASSERT_EQ(run.exit.code, 1) << run.out << run.err;
  EXPECT_THAT(run.out, AllOf(HasSubstr("error[hole-skipped]"),
                             HasSubstr("replay: gauntlet test order/skip-hole --mutant "
                                       "high-water-mark --database ephemeral --seed 7"),
                             HasSubstr("verdict: violated (exit 1)")));
  const auto history = gauntlet({"show", folder.file("history.json")});
  EXPECT_EQ(history.exit.code, 0) << history.err;
  EXPECT_THAT(history.out, AllOf(HasSubstr("replica 0"), HasSubstr("ends with exit 0")));
}

TEST(TestProgram, SavesAHistoryForEachOfSeveralScenarios) {
  const TestFolder folder;
  const auto run = gauntlet({"test", quick, "order/populated-upgrade", "--database", "ephemeral",
                             "--history", folder.file("all")});
  EXPECT_EQ(run.exit.code, 0) << run.out << run.err;
  for (const char* name : {"all/order-skip-hole.json", "all/order-populated-upgrade.json"})
    EXPECT_EQ(gauntlet({"show", folder.file(name)}).exit.code, 0) << name;
}

TEST(TestProgram, CannotDecideInNoTime) {
  const auto run = gauntlet({"test", quick, "--database", "ephemeral", "--timeout", "1ms"});
  EXPECT_EQ(run.exit.code, 2) << run.out << run.err;
  EXPECT_THAT(run.out, HasSubstr("verdict: unknown (exit 2)"));
}

TEST(TestProgram, StartsAThrowawayServerWhenNoDatabaseIsNamed) {
  EXPECT_EQ(gauntlet({"test", quick}).exit.code, 0);
  EXPECT_EQ(gauntlet({"test", quick, "--database", ""}).exit.code, 0);
}

TEST(TestProgram, RefusesWhatThereIsNot) {
  EXPECT_EQ(gauntlet({"test", "concurency/*"}).exit.code, 64);
  EXPECT_EQ(gauntlet({"test", quick, "--mutant", "nobody"}).exit.code, 64);
  EXPECT_EQ(gauntlet({"mutants", "nobody"}).exit.code, 64);
  EXPECT_EQ(gauntlet({"mutants", "high-water-mark", "--scenario", "concurrency"}).exit.code, 64);
  EXPECT_EQ(gauntlet({"show", "/no/such/file"}).exit.code, 2);
}

TEST(TestProgram, ListsScenariosAndMutants) {
  const auto scenarios = gauntlet({"list"});
  EXPECT_EQ(scenarios.exit.code, 0);
  EXPECT_THAT(scenarios.out, HasSubstr("concurrency/pending"));
  const auto mutants = gauntlet({"list", "mutants", "--json"});
  EXPECT_EQ(only_object_on(mutants.out).at("mutants").at(0).at("killed_by").empty(), false);
}

TEST(MutantsProgram, HoldsWhereTheMutantIsKilledForItsReason) {
  const auto run = gauntlet({"mutants", "high-water-mark", "--database", "ephemeral", "--json"});
  ASSERT_EQ(run.exit.code, 0) << run.out << run.err;
  const json result = only_object_on(run.out).at("results").at(0);
  EXPECT_EQ(result.at("id"), "mutant/high-water-mark");
  EXPECT_EQ(result.at("subject"), quick);
  EXPECT_THAT(result.at("reason"), HasSubstr("hole-skipped"));
}

TEST(MutantsProgram, CountsRunsAtTheSameTime) {
  const auto run = gauntlet({"mutants", "high-water-mark", "--database", "ephemeral", "--repeat",
                             "4", "--jobs", "2", "--json"});
  ASSERT_EQ(run.exit.code, 0) << run.out << run.err;
  EXPECT_EQ(only_object_on(run.out).at("results").at(0).at("repeats").at("killed"), 4);
}

TEST(TestProgram, PutsAUsersFilesInTheFixturesPlace) {
  const TestFolder folder;
  folder.write("1_a.up.sql", "CREATE TABLE a(x int);\nINSERT INTO a VALUES (1);\n");
  folder.write("2_b.up.sql", "UPDATE a SET x = x + 1;\n");
  const auto run = gauntlet({"test", "concurrency/pending", quick, "--migrations", folder.path(),
                             "--database", "ephemeral", "--json"});
  ASSERT_EQ(run.exit.code, 0) << run.out << run.err;
  const json results = only_object_on(run.out).at("results");
  EXPECT_EQ(results.at(0).at("verdict"), "holds");
  EXPECT_EQ(results.at(1).at("verdict"), "not-applicable");
  EXPECT_EQ(results.at(1).at("reason"), "its claim is about its own files");
}

TEST(TestProgram, NamesAUsersFileThatFailsAlone) {
  const TestFolder folder;
  folder.write("1_a.up.sql", "CREATE TABLE a(x nonsense);\n");
  const auto run = gauntlet(
      {"test", "concurrency/pending", "--migrations", folder.path(), "--database", "ephemeral"});
  EXPECT_EQ(run.exit.code, 1) << run.err;
  EXPECT_THAT(run.out, AllOf(HasSubstr("nonsense"), HasSubstr("1_a.up.sql"), HasSubstr("alone"),
                             HasSubstr("violated (exit 1)")));
}

TEST(TestProgram, RunsAScenarioFromAFileAndSaysWhereItIsWrong) {
  const TestFolder folder;
  const std::string text =
      "id = 'mine/one'\nclaim = 'it holds'\nwhy = 'or not'\n[[stage]]\nname = 'deploy'\n"
      "replicas = 2\nfiles = { '1_a.up.sql' = 'CREATE TABLE a(x int)' }\n";
  folder.write("good.toml", text + "oracles = ['all-succeed', 'set-equality']\n");
  folder.write("bad.toml", text + "oracles = ['all-suceed']\n");
  const auto good = gauntlet({"test", folder.file("good.toml"), "--database", "ephemeral"});
  EXPECT_EQ(good.exit.code, 0) << good.out << good.err;
  const auto bad = gauntlet({"test", folder.file("bad.toml"), "--database", "ephemeral"});
  EXPECT_EQ(bad.exit.code, 2);
  EXPECT_THAT(bad.err, AllOf(HasSubstr("bad.toml:8"), HasSubstr("all-suceed")));
}

// Who dies in the first stage is seen to, and what the second one makes of it is judged.
TEST(TestProgram, DoesTheHarmThatAFileSays) {
  const TestFolder folder;
  const auto run_where = [&](const std::string& judges_the_first) {
    folder.write("dies.toml",
                 "id = 'mine/dies'\nclaim = 'it goes on'\nwhy = 'or not'\n"
                 "[[stage]]\nname = 'dies'\nreplicas = 1\n"
                 "files = { '1_a.up.sql' = 'CREATE TABLE journal(version bigint);"
                 "INSERT INTO journal VALUES (1)',"
                 " '2_b.up.sql' = 'INSERT INTO journal VALUES (2)' }\n"
                 "faults = [{ what = 'die-before', sql_has = 'VALUES (2)' }]\n"
                 "oracles = ['" +
                     judges_the_first +
                     "']\n"
                     "[[stage]]\nname = 'next start'\nreplicas = 2\n"
                     "oracles = ['all-succeed', 'applied-once', 'set-equality']\n");
    return gauntlet({"test", folder.file("dies.toml"), "--database", "ephemeral"});
  };
  EXPECT_EQ(run_where("no-lock-left").exit.code, 0);
  const auto asked_in_vain = run_where("all-succeed");
  EXPECT_EQ(asked_in_vain.exit.code, 2);
  EXPECT_THAT(asked_in_vain.out, HasSubstr("replica 0   suffers die-before at"));
}

TEST(TestProgram, PutsTheRunnerThroughAsProcesses) {
  const auto run = gauntlet({"test", "concurrency/pending", "concurrency/small-pool", "--processes",
                             "--database", "ephemeral", "--json"});
  ASSERT_EQ(run.exit.code, 0) << run.out << run.err;
  const json results = only_object_on(run.out).at("results");
  EXPECT_EQ(results.at(0).at("verdict"), "holds");
  EXPECT_EQ(results.at(1).at("verdict"), "not-applicable");
}

// Also where it has to refuse what it finds on disk or in the database.
class TestProgramAsProcesses : public testing::TestWithParam<const char*> {};

TEST_P(TestProgramAsProcesses, PutsTheRunnerThroughTheFamily) {
  const auto run =
      gauntlet({"test", GetParam(), "--processes", "--database", "ephemeral", "--json"});
  EXPECT_EQ(run.exit.code, 0) << run.err;
  std::size_t held = 0;
  const json printed = only_object_on(run.out);
  for (const json& result : printed.at("results")) {
    const std::string verdict = result.at("verdict");
    if (verdict == "holds") ++held;
    EXPECT_THAT(verdict, AnyOf("holds", "not-applicable")) << result.dump(1);
  }
  EXPECT_GE(held, 3U);
}

INSTANTIATE_TEST_SUITE_P(TestProgram, TestProgramAsProcesses,
                         testing::Values("concurrency", "crash", "locks", "order", "transactions"),
                         [](const auto& family) { return family.param; });

/// A runner of four lines that knows no lock: it applies what it does not find recorded.
constexpr std::string_view careless_runner = R"sh(set -e
psql -qXc 'CREATE TABLE IF NOT EXISTS careless(version bigint, name text)' 2>/dev/null || true
for file in "$1"/*.up.sql; do
  name=$(basename "$file" .up.sql); version=${name%%_*}
  [ "$(psql -qXAtc "SELECT count(*) FROM careless WHERE version = $version")" = 0 ] || continue
  psql -qX -v ON_ERROR_STOP=1 -f "$file" >/dev/null
  psql -qXc "INSERT INTO careless VALUES ($version, '${name#*_}')"
done
)sh";

TEST(TestProgram, CatchesARunnerOfAnotherMakeThatTakesNoLock) {
  const TestFolder folder;
  folder.write("careless.sh", careless_runner);
  const auto run =
      gauntlet({"test", "concurrency/data-only", "--runner",
                "bash " + folder.file("careless.sh") + " {migrations}", "--applied-query",
                "SELECT version, name FROM careless", "--database", "ephemeral", "--json"});
  ASSERT_EQ(run.exit.code, 1) << run.out << run.err;
  const json result = only_object_on(run.out).at("results").at(0);
  EXPECT_THAT(result.at("findings").dump(), HasSubstr("applied-twice"));
  EXPECT_THAT(result.at("replay"), HasSubstr("--runner"));
}

/// What a run on a given server made there, and how long its migrations would last.
class Killed : public testing::TestWithParam<std::tuple<int, const char*>> {};

std::string guests_on(const arena::Address& server) {
  return arena::Connection(server).ask_one(
      "SELECT count(*) FROM pg_database WHERE datname LIKE 'gauntlet%'");
}

/// Files and folders on this machine whose names tell that `owner` made them.
std::vector<std::string> traces_of(const std::string& owner) {
  std::vector<std::string> traces;
  for (const auto& folder : arena::base_folders())
    for (const auto& entry : std::filesystem::directory_iterator(folder))
      if (entry.path().string().find(owner) != std::string::npos)
        traces.push_back(entry.path().string());
  return traces;
}

TEST_P(Killed, LeavesNothingOnAGivenServer) {
  const auto& [signal, how] = GetParam();
  const auto server = arena::Server::start({});
  const TestFolder folder;
  folder.write("1_slow.up.sql", "SELECT pg_sleep(1000);\n");
  std::vector<std::string> words = {"test",        "concurrency/pending", "--migrations",
                                    folder.path(), "--database",          server->loopback().url()};
  if (*how != '\0') words.emplace_back(how);
  auto run = process::Process::start(command_of(words));
  ASSERT_TRUE(comes_to([&] {
    return arena::Connection(server->local())
               .ask_one(
                   "SELECT count(*) FROM pg_stat_activity WHERE query LIKE '%pg_sleep(1000)%'"
                   " AND datname LIKE 'gauntlet%'") != "0";
  })) << run.err();
  const std::string owner = process::Owner::of(run.pid())->text();
  run.signal(signal);
  const auto exit = run.wait_for(std::chrono::seconds(60));
  ASSERT_TRUE(exit.has_value());
  EXPECT_EQ(exit->signal, signal) << exit->text() << run.err();
  EXPECT_TRUE(comes_to([&] { return guests_on(server->local()) == "0"; }));
  EXPECT_EQ(arena::Connection(server->local())
                .ask_one("SELECT count(*) FROM pg_stat_activity WHERE query LIKE '%pg_sleep(1000)%'"
                         " AND pid <> pg_backend_pid()"),
            "0");
  EXPECT_EQ(gauntlet({"clean"}).exit.code, 0);
  EXPECT_THAT(traces_of(owner), testing::IsEmpty());
}

INSTANTIATE_TEST_SUITE_P(TestProgram, Killed,
                         testing::Combine(testing::Values(SIGKILL, SIGINT),
                                          testing::Values("", "--processes")),
                         [](const auto& parameter) {
                           const bool kills = std::get<0>(parameter.param) == SIGKILL;
                           const bool processes = *std::get<1>(parameter.param) != '\0';
                           return std::string(kills ? "BySIGKILL" : "BySIGINT") +
                                  (processes ? "WithProcesses" : "WithThreads");
                         });

TEST(TestProgram, KilledInMidRunLeavesNoServerOfItsOwn) {
  const TestFolder folder;
  folder.write("slow.toml",
               "id = 'mine/slow'\nclaim = 'it ends'\nwhy = 'or not'\n[[stage]]\nname = 'deploy'\n"
               "files = { '1_slow.up.sql' = 'SELECT pg_sleep(1000)' }\n"
               "oracles = ['all-succeed']\n");
  auto run = process::Process::start(
      command_of({"test", folder.file("slow.toml"), "--database", "ephemeral"}));
  const std::string owner = process::Owner::of(run.pid())->text();
  const auto folders = [&] {
    std::vector<std::string> ours;
    for (const arena::ServerEntry& server : arena::list_servers())
      if (server.folder.find(owner) != std::string::npos) ours.push_back(server.folder);
    return ours;
  };
  ASSERT_TRUE(comes_to([&] { return !folders().empty(); })) << run.err();
  const std::string made = folders().front();
  run.signal(SIGKILL);
  ASSERT_TRUE(run.wait_for(std::chrono::seconds(60)).has_value());
  EXPECT_TRUE(comes_to([&] { return !std::filesystem::exists(made); }));
}

}  // namespace
}  // namespace gauntlet::cli
