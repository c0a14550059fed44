#include "harness/arena/server.h"

#include "harness/arena/ask_test.h"
#include "harness/arena/connection.h"
#include "harness/arena/folders.h"
#include "harness/arena/leftovers.h"
#include "harness/arena/scram.h"
#include "harness/arena/server_folder.h"
#include "harness/process/owner.h"
#include "harness/process/process.h"
#include "runner/values/error.h"

#include <csignal>
#include <fstream>
#include <set>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

namespace gauntlet::arena {
namespace {

namespace fs = std::filesystem;
using process::Process;
using std::chrono::milliseconds;
using std::chrono::seconds;
using std::chrono::steady_clock;
using testing::HasSubstr;
using testing::Not;

const fs::path probe = fs::path(GAUNTLET_BINARY_DIR) / "bin/arena_probe";

/// A base folder of the test's own, so that its cache is cold and its sweeps meet nobody else's.
class Base {
 public:
  Base() : path_("/tmp/gauntlet-test-" + random_digits(4)) {}
  ~Base() { remove_folder(path_); }
  Base(const Base&) = delete;
  Base& operator=(const Base&) = delete;

  std::map<std::string, std::string> environment() const {
    return {{"GAUNTLET_FOLDER", path_.string()}};
  }
  std::vector<fs::path> servers() const {
    std::vector<fs::path> found;
    for (const auto& entry : fs::directory_iterator(path_)) {
      if (owner_in(entry.path().filename())) found.push_back(entry.path());
    }
    return found;
  }
  fs::path template_data() const {
    for (const auto& entry : fs::directory_iterator(path_)) {
      if (entry.is_directory() && !owner_in(entry.path().filename())) return entry.path() / "data";
    }
    return {};
  }

 private:
  fs::path path_;
};

template <typename Condition>
bool becomes_true(const Condition& condition) {
  const auto deadline = steady_clock::now() + seconds(60);
  while (!condition() && steady_clock::now() < deadline) {
    process::run({.argv = {"true"}}, seconds(10));
  }
  return condition();
}

template <typename Action>
std::string text_of_error(const Action& action) {
  try {
    action();
  } catch (const runner::Error& error) {
    return error.what();
  }
  return "no error";
}

TEST(Server, AnswersOverItsSocketAndOverLoopbackWithItsPassword) {
  const auto server = Server::start({});
  EXPECT_EQ(Connection(server->local()).ask_one("SELECT current_database()"), "postgres");
  EXPECT_EQ(Connection(server->loopback()).ask_one("SELECT inet_server_addr()"), "127.0.0.1");
}

TEST(Server, RefusesAWrongPasswordAndTheErrorShowsNone) {
  const auto server = Server::start({});
  const std::string text =
      text_of_error([&] { Connection(server->loopback().with("password", "wr0ng")); });
  EXPECT_THAT(text, HasSubstr("connect-failed"));
  EXPECT_THAT(text, HasSubstr("password authentication failed"));
  EXPECT_THAT(text, Not(HasSubstr("wr0ng")));
}

TEST(Server, ItsPasswordIsNeitherInItsLogNorInItsMaskedAddress) {
  const auto server = Server::start({.settings = {{"log_statement", "all"}}});
  const std::string password = server->loopback().password();
  EXPECT_THAT(server->log(), Not(HasSubstr(password)));
  EXPECT_THAT(server->loopback().masked(), Not(HasSubstr(password)));
}

TEST(Server, TakesTheUsersSettingsOverItsOwn) {
  const auto server = Server::start(
      {.settings = {{"max_connections", "20"}, {"work_mem", "7MB"}, {"cluster_name", "it's"}}});
  Connection connection(server->local());
  EXPECT_EQ(connection.ask_one("SHOW max_connections"), "20");
  EXPECT_EQ(connection.ask_one("SHOW work_mem"), "7MB");
  EXPECT_EQ(connection.ask_one("SHOW cluster_name"), "it's");
}

TEST(Server, ASettingThatItDoesNotKnowIsToldWithTheLog) {
  const std::string text = text_of_error([] {
    Server::start({.settings = {{"no_such_setting", "1"}}});
  });
  EXPECT_THAT(text, HasSubstr("server-did-not-start"));
  EXPECT_THAT(text, HasSubstr("unrecognized configuration parameter \"no_such_setting\""));
}

TEST(Server, AnotherProgramOfItsNameIsNamed) {
  const Base base;
  const fs::path folder = "/tmp/gauntlet-test-" + random_digits(4);
  fs::create_directories(folder);
  fs::permissions(folder, fs::perms(0755));
  for (const char* name : {"postgres", "initdb"}) {
    std::ofstream(folder / name) << "#!/bin/sh\necho 'postgres of another make 1.0'; exit 3\n";
    fs::permissions(folder / name, fs::perms(0755));
  }
  try {
    Server::start({.binaries = folder});
    ADD_FAILURE() << "started";
  } catch (const runner::Error& error) {
    EXPECT_EQ(error.code(), "wrong-postgres");
    EXPECT_THAT(error.what(), HasSubstr((folder / "postgres").string()));
    EXPECT_THAT(error.what(), HasSubstr("of another make"));
  }
  fs::remove_all(folder);
}

TEST(Server, ALocaleThatIsNotHereIsAClearError) {
  const std::string text = text_of_error([] { Server::start({.locale = "xx_XX.UTF-8"}); });
  EXPECT_THAT(text, HasSubstr("no-such-locale"));
  EXPECT_THAT(text, HasSubstr("xx_XX.UTF-8"));
}

TEST(Server, HasTheLocaleAskedFor) {
  const auto server = Server::start({.locale = "C"});
  EXPECT_EQ(Connection(server->local()).ask_one("SELECT datcollate FROM pg_database LIMIT 1"), "C");
}

TEST(Server, AllOfItsDatabasesCanBeUsed) {
  const auto server = Server::start({});
  Connection connection(server->local());
  connection.run("CREATE DATABASE a TEMPLATE template0");
  connection.run("CREATE DATABASE b");
  EXPECT_EQ(connection.ask_one("SELECT string_agg(datname, ' ' ORDER BY datname) FROM pg_database"),
            "a b postgres template0 template1");
}

TEST(Server, IsGoneWithItsFolderWhenTheObjectIs) {
  auto server = Server::start({});
  const fs::path folder = server->folder();
  ASSERT_FALSE(server_processes_in(folder / "data").empty());
  Connection connection(server->local());
  server.reset();
  EXPECT_FALSE(fs::exists(folder));
  EXPECT_THROW(connection.ask("SELECT 1"), StatementError);
}

TEST(Server, ACrashOfItIsSeenAndLeavesNothing) {
  auto server = Server::start({});
  const fs::path folder = server->folder();
  for (const pid_t pid : server_processes_in(folder / "data")) ::kill(pid, SIGKILL);
  server.reset();
  EXPECT_FALSE(fs::exists(folder));
}

TEST(Server, NobodyElseMayEnterItsFolder) {
  const auto server = Server::start({});
  struct stat status {};
  ASSERT_EQ(::stat(server->folder().c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 07777U, 0700U);
}

TEST(Server, ManyAtOnceHaveEachAPortOfTheirOwn) {
  std::vector<std::unique_ptr<Server>> servers;
  std::set<std::string> ports;
  for (int i = 0; i < 4; ++i) {
    servers.push_back(Server::start({}));
    ports.insert(servers.back()->loopback().port());
  }
  EXPECT_EQ(ports.size(), 4U);
}

TEST(Server, ACopyHasEverythingCommittedAndGoesItsOwnWay) {
  const auto server = Server::start({});
  Connection original(server->local());
  original.run("CREATE ROLE clerk; CREATE TABLE t AS SELECT generate_series(1, 1000) AS n");
  Connection uncommitted(server->local());
  uncommitted.run("BEGIN");
  uncommitted.run("DELETE FROM t");
  const auto copy = server->copy();
  Connection copied(copy->loopback());
  EXPECT_EQ(copied.ask_one("SELECT count(*) FROM t"), "1000");
  EXPECT_EQ(copied.ask_one("SELECT count(*) FROM pg_roles WHERE rolname = 'clerk'"), "1");
  copied.run("DROP TABLE t");
  uncommitted.run("ROLLBACK");
  EXPECT_EQ(original.ask_one("SELECT count(*) FROM t"), "1000");
}

TEST(Server, AProcessKilledWithSigkillLeavesNeitherServerNorFolder) {
  const Base base;
  Process holder = Process::start({.argv = {probe, "server"}, .environment = base.environment()});
  const fs::path folder = first_line(holder);
  ASSERT_TRUE(fs::exists(folder / "data")) << holder.err();
  holder.signal(SIGKILL);
  EXPECT_TRUE(becomes_true([&] { return !fs::exists(folder); }));
  EXPECT_TRUE(server_processes_in(folder / "data").empty());
}

TEST(Server, OneWhoseOwnerAndKeeperWereKilledIsSweptByTheNextStart) {
  const Base base;
  Process holder = Process::start({.argv = {probe, "server"}, .environment = base.environment()});
  const fs::path folder = first_line(holder);
  const auto keeper = ServerFolder(folder).keeper();
  ASSERT_TRUE(keeper) << holder.err();
  ::kill(keeper->pid, SIGSTOP);  // so that it cannot act on the owner's end
  holder.signal(SIGKILL);
  holder.wait_for(seconds(60));
  for (const pid_t pid : server_processes_in(folder / "data")) ::kill(pid, SIGSTOP);
  ::kill(keeper->pid, SIGKILL);
  ASSERT_TRUE(becomes_true([&] { return keeper->life() == process::Owner::Life::dead; }));
  ASSERT_TRUE(fs::exists(folder));
  const auto next =
      process::run({.argv = {probe, "once"}, .environment = base.environment()}, seconds(120));
  EXPECT_EQ(next.out, "42\n") << next.err;
  EXPECT_THAT(base.servers(), testing::IsEmpty());
  EXPECT_TRUE(server_processes_in(folder / "data").empty());
}

TEST(Server, AnInterruptedProgramEndsByThatSignalAndLeavesNothing) {
  const Base base;
  for (const int number : {SIGINT, SIGTERM, SIGHUP}) {
    SCOPED_TRACE(number);
    Process holder = Process::start({.argv = {probe, "server"}, .environment = base.environment()});
    const fs::path folder = first_line(holder);
    ASSERT_TRUE(fs::exists(folder / "data")) << holder.err();
    holder.signal(number);
    const auto exit = holder.wait_for(seconds(60));
    ASSERT_TRUE(exit);
    EXPECT_EQ(exit->signal, number);
    EXPECT_THAT(holder.err(), HasSubstr("gauntlet: interrupted by SIG"));
    EXPECT_TRUE(becomes_true([&] { return !fs::exists(folder); }));
  }
}

TEST(Server, TwentyProcessesMayWantTheFirstTemplateAtOnce) {
  const Base base;
  std::vector<Process> processes;
  processes.reserve(20);
  for (int i = 0; i < 20; ++i) {
    processes.push_back(
        Process::start({.argv = {probe, "once"}, .environment = base.environment(), .held = true}));
  }
  for (Process& process : processes) process.release();
  for (Process& process : processes) {
    const auto exit = process.wait_for(seconds(150));
    ASSERT_TRUE(exit) << process.err();
    EXPECT_EQ(process.out(), "42\n") << process.err();
  }
  EXPECT_THAT(base.servers(), testing::IsEmpty());
}

TEST(Template, ABrokenOneIsMadeAnew) {
  const Base base;
  const auto once = [&] {
    return process::run({.argv = {probe, "once"}, .environment = base.environment()}, seconds(120));
  };
  ASSERT_EQ(once().out, "42\n");
  const fs::path data = base.template_data();
  fs::remove(data / "global/pg_control");
  EXPECT_EQ(once().out, "42\n");
  std::ofstream(data / "PG_VERSION", std::ios::trunc) << "";
  EXPECT_EQ(once().out, "42\n");
  fs::remove(data.parent_path() / "manifest");
  EXPECT_EQ(once().out, "42\n");
}

TEST(Template, OneThatIsWholeButWrongIsMadeAnew) {
  const Base base;
  const auto once = [&] {
    return process::run({.argv = {probe, "once"}, .environment = base.environment()}, seconds(120));
  };
  ASSERT_EQ(once().out, "42\n");
  const fs::path control = base.template_data() / "global/pg_control";
  const auto size = fs::file_size(control);
  std::ofstream(control, std::ios::trunc) << std::string(size, 'x');
  EXPECT_EQ(once().out, "42\n");
}

}  // namespace
}  // namespace gauntlet::arena
