// Nothing of the caller's environment decides a verdict on a throwaway server.
#include "harness/cli/program.h"

#include <chrono>
#include <csignal>
#include <fstream>
#include <iterator>
#include <map>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

namespace gauntlet::cli {
namespace {

using nlohmann::json;
using testing::HasSubstr;
using testing::Not;

using Variables = std::map<std::string, std::string>;

// The service and the locale are not there, the options forbid every write: each would change a
// verdict or stop a connection if it reached one.
const Variables hostile = {
    {"PGOPTIONS", "-c default_transaction_read_only=on -c search_path=nosuch"},
    {"PGHOST", "203.0.113.1"},
    {"PGHOSTADDR", "203.0.113.1"},
    {"PGPORT", "1"},
    {"PGUSER", "nosuch"},
    {"PGDATABASE", "nosuch"},
    {"PGSERVICE", "nosuch"},
    {"PGSSLMODE", "bogus"},
    {"PGCHANNELBINDING", "require"},
    {"PGTARGETSESSIONATTRS", "read-only"},
    {"PGCONNECT_TIMEOUT", "bogus"},
    {"PGCLIENTENCODING", "SQL_ASCII"},
    {"PGTZ", "nosuch"},
    {"PGDATESTYLE", "nosuch"},
    {"PGGEQO", "nosuch"},
    {"LC_ALL", "tr_TR.UTF-8"},
    {"LANGUAGE", "tr"}};

std::string text_in(const std::string& file) {
  std::ifstream stream(file);
  return {std::istreambuf_iterator<char>(stream), {}};
}

TEST(Environment, HostileVariablesOfLibpqDoNotChangeAVerdictOfVerify) {
  const TestFolder folder;
  folder.write("0001_init.up.sql", "CREATE TABLE public.t (id int);");
  const auto run = gauntlet({"verify", "--migrations", folder.path().string(), "--checks",
                             "replicas", "--database", "ephemeral", "--json", "--replicas", "2"},
                            hostile);
  ASSERT_EQ(run.exit.code, 0) << run.out << run.err;
  EXPECT_EQ(json::parse(run.out).at("verdict"), "holds");
  EXPECT_THAT(run.err, HasSubstr("PGOPTIONS"));
  EXPECT_THAT(run.err, Not(HasSubstr("203.0.113.1")));
}

TEST(Environment, HostileVariablesOfLibpqDoNotChangeAVerdictOfAScenario) {
  const auto run = gauntlet(
      {"test", "concurrency/pending", "--processes", "--database", "ephemeral", "--json"}, hostile);
  ASSERT_EQ(run.exit.code, 0) << run.out << run.err;
}

TEST(Environment, ASubjectSeesNoVariableOfTheCaller) {
  const TestFolder folder;
  folder.write("0001_init.up.sql", "CREATE TABLE public.t (id int);");
  const std::string seen = (folder.path() / "seen").string();
  const auto run = gauntlet({"trace", "--database", "ephemeral", "--migrations",
                             folder.path().string(), "--runner", "sh -c 'env > " + seen + "'"},
                            hostile);
  const std::string environment = text_in(seen);
  ASSERT_THAT(environment, HasSubstr("DATABASE_URL=")) << run.out << run.err;
  for (const auto& [name, value] : hostile) {
    EXPECT_THAT(environment, Not(HasSubstr(name + "=" + value))) << name;
  }
}

TEST(Environment, ASignalThatTheParentIgnoredDoesNotEndARun) {
  process::Command command = command_of({"test", "order/skip-hole", "--database", "ephemeral"});
  command.argv.insert(command.argv.begin(), {"sh", "-c", "trap '' HUP; exec \"$@\"", "nohup"});
  process::Process run = process::Process::start(command);
  const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(60);
  // The shell has set its trap once the program that replaced it has printed or ended.
  while (!run.wait_for(std::chrono::milliseconds(20)) &&
         std::chrono::steady_clock::now() < deadline) {
    if (!run.err().empty()) run.signal(SIGHUP);
  }
  ASSERT_TRUE(run.exit());
  EXPECT_EQ(run.exit()->text(), "exit 0") << run.out() << run.err();
}

}  // namespace
}  // namespace gauntlet::cli
