#include "harness/arena/server.h"
#include "harness/cli/program.h"
#include "harness/process/owner.h"

#include <csignal>
#include <fstream>
#include <optional>
#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>
#include <poll.h>

namespace gauntlet::cli {
namespace {

using nlohmann::json;
using testing::AllOf;
using testing::HasSubstr;
using testing::Not;

TEST(VerifyProgram, ExitsZeroForTheSampleSet) {
  const auto run =
      gauntlet({"verify", "--migrations", orders, "--database", "ephemeral", "--json"});
  ASSERT_EQ(run.exit.code, 0) << run.out << run.err;
  EXPECT_EQ(only_object_on(run.out).value("verdict", ""), "holds");
}

TEST(VerifyProgram, ExitsOneForAMigrationThatFails) {
  const TestFolder folder;
  folder.write("1_broken.up.sql", "CREATE TABLE t (id integer REFERENCES nowhere);\n");
  const auto run = gauntlet(
      {"verify", "--migrations", folder.path(), "--database", "ephemeral", "--checks", "dry-run"});
  EXPECT_EQ(run.exit.code, 1) << run.err;
  EXPECT_THAT(run.out, AllOf(HasSubstr("1_broken.up.sql"), HasSubstr("nowhere")));
}

TEST(VerifyProgram, ExitsTwoWithoutADatabaseAndNamesBothWays) {
  const auto run = gauntlet({"verify", "--migrations", orders});
  EXPECT_EQ(run.exit.code, 2);
  EXPECT_THAT(run.out + run.err,
              AllOf(HasSubstr("--database ephemeral"), HasSubstr("TEST_DATABASE_URL=postgresql")));
}

TEST(VerifyProgram, ScansWithoutADatabase) {
  const auto run = gauntlet({"verify", "--migrations", orders, "--checks", "lint"});
  EXPECT_EQ(run.exit.code, 0) << run.out << run.err;
}

TEST(VerifyProgram, ExitsSixtyFourForWhatItDoesNotUnderstand) {
  EXPECT_EQ(gauntlet({"verify", "--migrations", orders, "--checks", "scam"}).exit.code, 64);
  EXPECT_EQ(gauntlet({"verify", "--migrations", orders, "--frobnicate"}).exit.code, 64);
  EXPECT_EQ(gauntlet({}).exit.code, 64);
}

TEST(VerifyProgram, PrintsOneObjectAndNothingElseHoweverEarlyItEnds) {
  const TestFolder folder;
  const std::vector<std::vector<std::string>> early = {
      {"verify", "--json", "--migrations", orders},
      {"verify", "--json", "--migrations", folder.file("none"), "--database", "ephemeral"},
      {"verify", "--json", "--migrations", folder.path(), "--checks", "lint"},
      {"verify", "--json", "--migrations", orders, "--checks", "lint", "--init-sql",
       folder.file("none")},
      {"verify", "--json", "--migrations", orders, "--frobnicate"}};
  for (const auto& words : early) {
    SCOPED_TRACE(testing::PrintToString(words));
    EXPECT_EQ(only_object_on(gauntlet(words).out).value("verdict", ""), "unknown");
  }
}

TEST(VerifyProgram, ToldAFolderThatDoesNotExistSaysSo) {
  const TestFolder folder;
  const auto run = gauntlet({"verify", "--migrations", folder.file("none"), "--checks", "lint"});
  EXPECT_EQ(run.exit.code, 2);
  EXPECT_THAT(run.out + run.err,
              AllOf(HasSubstr("no-such-folder"), HasSubstr(folder.file("none"))));
}

TEST(VerifyProgram, CannotDecideAnEmptyFolder) {
  const TestFolder folder;
  const auto run =
      gauntlet({"verify", "--migrations", folder.path(), "--database", "ephemeral", "--json"});
  EXPECT_EQ(run.exit.code, 2) << run.out << run.err;
  EXPECT_EQ(only_object_on(run.out).value("verdict", ""), "unknown");
}

TEST(VerifyProgram, WritesJunitBesideItsReport) {
  const TestFolder folder;
  const auto run = gauntlet(
      {"verify", "--migrations", orders, "--checks", "lint", "--junit", folder.file("junit.xml")});
  EXPECT_EQ(run.exit.code, 0) << run.err;
  std::ifstream file(folder.file("junit.xml"));
  const std::string xml{std::istreambuf_iterator<char>(file), {}};
  EXPECT_THAT(xml, AllOf(HasSubstr("<testsuite"), HasSubstr("lint")));
}

TEST(VerifyProgram, CannotDecideWhenItsResultsCannotBeWritten) {
  const TestFolder folder;
  const auto run = gauntlet({"verify", "--migrations", orders, "--checks", "lint", "--junit",
                             folder.file("no/such/folder.xml")});
  EXPECT_EQ(run.exit.code, 2);
  EXPECT_THAT(run.err, HasSubstr("cannot-write"));
}

TEST(VerifyProgram, NoticesAFullDiskBehindStdout) {
  const auto run = process::run(
      {.argv = {"sh", "-c",
                program + " verify --checks lint --migrations " + orders + " >/dev/full"}},
      std::chrono::seconds(60));
  EXPECT_EQ(run.exit.code, 2);
  EXPECT_THAT(run.err, HasSubstr("cannot-write"));
}

TEST(VerifyProgram, OutlivesAReaderThatReadsNothing) {
  const auto run = process::run({.argv = {"bash", "-c",
                                          program + " verify --checks lint --migrations " + orders +
                                              " | exec 0<&-; exit ${PIPESTATUS[0]}"}},
                                std::chrono::seconds(60));
  EXPECT_THAT(run.exit.code, testing::AnyOf(0, 2)) << run.exit.text() << run.err;
}

TEST(VerifyProgram, NeverPrintsAPassword) {
  const auto server = arena::Server::start({});
  const auto address = server->loopback().with("password", "tell-nobody");
  for (const char* output : {"--json", "--keep"}) {
    SCOPED_TRACE(output);
    const auto run =
        gauntlet({"verify", "--migrations", orders, "--database", address.url(), output});
    EXPECT_EQ(run.exit.code, 2);
    EXPECT_THAT(run.out + run.err, Not(HasSubstr("tell-nobody")));
  }
}

TEST(VerifyProgram, CannotDecideWhenNobodyListens) {
  const auto run = gauntlet({"verify", "--migrations", orders, "--checks", "dry-run", "--database",
                             "postgresql://u:tell-nobody@127.0.0.1:1/d"});
  EXPECT_EQ(run.exit.code, 2);
  EXPECT_THAT(run.out + run.err, Not(HasSubstr("tell-nobody")));
}

TEST(VerifyProgram, PrintsTheSeedThatItWasGiven) {
  const auto run =
      gauntlet({"verify", "--migrations", orders, "--checks", "lint", "--json", "--seed", "4711"});
  EXPECT_EQ(only_object_on(run.out).value("seed", 0), 4711);
}

/// The folder of a server that `owner` started, asked for until `runner` has ended.
std::string folder_of_server(const process::Owner& owner, process::Process& runner) {
  const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(60);
  while (!runner.wait_for(std::chrono::milliseconds(20)) &&
         std::chrono::steady_clock::now() < deadline)
    for (const arena::ServerEntry& server : arena::list_servers())
      if (server.folder.find(owner.text()) != std::string::npos) return server.folder;
  return {};
}

/// The keeper removes it after its owner's end: asked for again until it is gone.
bool is_gone(const std::filesystem::path& folder) {
  const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(20);
  while (std::filesystem::exists(folder) && std::chrono::steady_clock::now() < deadline)
    poll(nullptr, 0, 20);
  return !std::filesystem::exists(folder);
}

class Interrupted : public testing::TestWithParam<int> {};

TEST_P(Interrupted, LeavesNoServerAndNoFolder) {
  const TestFolder folder;
  folder.write("1_slow.up.sql", "SELECT pg_sleep(100);\n");
  auto run = process::Process::start(
      command_of({"verify", "--migrations", folder.path(), "--database", "ephemeral"}));
  const std::string server = folder_of_server(*process::Owner::of(run.pid()), run);
  ASSERT_NE(server, "") << run.out() << run.err();
  run.signal(GetParam());
  const auto exit = run.wait_for(std::chrono::seconds(20));
  ASSERT_TRUE(exit.has_value());
  EXPECT_EQ(exit->signal, GetParam()) << exit->text() << run.err();
  EXPECT_TRUE(is_gone(server));
}

INSTANTIATE_TEST_SUITE_P(VerifyProgram, Interrupted, testing::Values(SIGINT, SIGTERM),
                         [](const auto& number) {
                           return std::string(number.param == SIGINT ? "SIGINT" : "SIGTERM");
                         });

}  // namespace
}  // namespace gauntlet::cli
