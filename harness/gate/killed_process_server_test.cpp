// A real process that SIGKILL ends before or after each step of its run, and one rerun of it.
#include "harness/arena/server.h"
#include "harness/gate/gated_session.h"
#include "harness/gate/gates.h"
#include "harness/process/process.h"
#include "runner/connect.h"
#include "runner/folder_test.h"
#include "runner/repair.h"

#include <csignal>
#include <cstdlib>
#include <optional>
#include <regex>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace gauntlet::gate {
namespace {

using runner::Version;
using testing::HasSubstr;
using What = core::Ruling::What;

constexpr std::chrono::seconds patience{120};

class KilledProcess : public testing::Test {
 protected:
  void write(const std::string& name, const std::string& sql) const { folder_.write(name, sql); }
  std::string conninfo() const { return server_->local().conninfo(); }
  void run(const std::string& sql) const { runner::connect_postgres(conninfo())->send(sql); }
  std::string value(const std::string& sql) const {
    return runner::connect_postgres(conninfo())
        ->send(sql)
        .back()
        .rows.front()
        .front()
        .value_or("null");
  }
  bool eventually(const std::string& sql) const {
    const auto session = runner::connect_postgres(conninfo());
    const auto deadline = std::chrono::steady_clock::now() + patience;
    while (std::chrono::steady_clock::now() < deadline) {
      if (session->send(sql).back().rows.front().front() == "t") return true;
      session->wait_for_notification(std::chrono::milliseconds(5), -1);
    }
    return false;
  }
  void empty_the_database() const {
    run("DROP SCHEMA IF EXISTS public CASCADE; CREATE SCHEMA public");
  }

  /// Runs `up` in this process, and returns what it says if it fails.
  std::string up_says() const {
    try {
      runner::up(*runner::sessions_of(conninfo()), runner::read_folder(folder_.path()), {});
    } catch (const runner::Error& error) {
      return error.what();
    }
    return "";
  }

  /// A kill before each step that a clean run takes, and one after the last: to the server, after
  /// a step is before the next.
  std::vector<fault::Fault> every_kill() const {
    empty_the_database();
    OpenGate open;
    Recorder recorder(1);
    const Doorway doorway{.gate = open, .recorder = recorder};
    const auto direct = runner::sessions_of(conninfo());
    GatedSource sessions(*direct, doorway, 0);
    runner::up(sessions, runner::read_folder(folder_.path()), {});
    auto kills = fault::sweep(recorder.history(), 0, {.what = What::die_before});
    kills.push_back(kills.back());
    kills.back().ruling.what = What::die_after;
    return kills;
  }

  process::Command doomed() const {
    return {.argv = {std::string(GAUNTLET_BINARY_DIR) + "/bin/doomed_runner", conninfo(),
                     folder_.path()}};
  }
  process::Command doomed(const fault::Fault& fault) const {
    process::Command command = doomed();
    command.argv.emplace_back(core::to_string(fault.ruling.what));
    command.argv.push_back(std::to_string(fault.skip));
    return command;
  }

  const runner::TestFolder folder_;
  std::unique_ptr<arena::Server> server_ = arena::Server::start({});
};

TEST_F(KilledProcess, BeforeOrAfterAnyStepLosesNothingAndNeedsOneRerun) {
  write("1_journal.up.sql", "CREATE TABLE journal(x int)");
  for (int version = 2; version < 6; ++version) {
    write(std::to_string(version) + "_data.up.sql",
          "INSERT INTO journal VALUES (" + std::to_string(version) + ")");
  }
  for (const fault::Fault& kill : every_kill()) {
    SCOPED_TRACE(kill.text());
    empty_the_database();
    ASSERT_EQ(process::run(doomed(kill), patience).exit.signal, SIGKILL);
    EXPECT_EQ(up_says(), "");
    EXPECT_EQ(value("SELECT string_agg(x::text, ',' ORDER BY x) FROM journal"), "2,3,4,5");
    EXPECT_EQ(value("SELECT string_agg(version::text, ',' ORDER BY version)"
                    " FROM applied_migrations"),
              "1,2,3,4,5");
  }
}

/// The version that the first command named by a run's error resumes. Throws where it names none,
/// or one that needs a person's decision.
Version version_to_resume(const std::string& said) {
  std::smatch found;
  const std::regex command("fix:   `gauntlet-migrate resume ([0-9]+)` ");
  if (!std::regex_search(said, found, command)) throw std::runtime_error("no command in: " + said);
  return Version{std::stoi(found[1])};
}

// Statements of every kind: shared with the mark, in a transaction of the file's own, and such that
// no transaction can hold; none of them may run twice.
class KilledOutside : public KilledProcess {
 protected:
  KilledOutside() {
    write("1_table.up.sql", "CREATE TABLE t AS SELECT generate_series(1, 100) AS x");
    write("2_mixed.up.sql",
          "-- gauntlet: no-transaction\nSET work_mem = '5MB';\n"
          "CREATE INDEX CONCURRENTLY index_1 ON t(x);\nINSERT INTO t VALUES (1000);\n"
          "BEGIN;\nINSERT INTO t VALUES (1001);\nINSERT INTO t VALUES (1002);\nCOMMIT;\n"
          "UPDATE t SET x = x + 1;\nREINDEX INDEX CONCURRENTLY index_1;\nVACUUM t;\n"
          "CREATE INDEX CONCURRENTLY index_2 ON t((x + 1));\n"
          "DROP INDEX CONCURRENTLY index_1;\nCREATE INDEX CONCURRENTLY index_1 ON t(x)");
    write("3_data.up.sql", "INSERT INTO t VALUES (0)");
  }

  void do_exactly(const std::string& said) const {
    runner::resume(*runner::sessions_of(conninfo()), runner::read_folder(folder_.path()),
                   version_to_resume(said), {}, {});
  }

  void expect_all_applied() const {
    EXPECT_EQ(value("SELECT count(*) || ',' || bool_and(indisvalid) FROM pg_index WHERE indrelid = "
                    "'t'::regclass"),
              "2,true");
    EXPECT_EQ(value("SELECT count(*) || ',' || sum(x) FROM t"),
              std::to_string(104) + "," + std::to_string(5050 + 3003 + 103));
    EXPECT_EQ(value("SELECT string_agg(version::text, ',' ORDER BY version)"
                    " FROM applied_migrations"),
              "1,2,3");
    EXPECT_EQ(value("SELECT count(*) FROM applied_migrations_in_progress"), "0");
  }

  /// What one more run says, after the command that it names was followed, if it names one.
  bool converges_after_one_command() const {
    const std::string said = up_says();
    if (!said.empty()) {
      EXPECT_THAT(said, HasSubstr("error[in-progress]: migration 2 (mixed) stopped at"));
      do_exactly(said);
      EXPECT_EQ(up_says(), "");
    }
    expect_all_applied();
    return !said.empty();
  }
};

TEST_F(KilledOutside, BeforeOrAfterAnyStepConvergesAfterTheOneCommandThatItNames) {
  int told = 0;
  for (const fault::Fault& kill : every_kill()) {
    SCOPED_TRACE(kill.text());
    empty_the_database();
    ASSERT_EQ(process::run(doomed(kill), patience).exit.signal, SIGKILL);
    if (converges_after_one_command()) ++told;
  }
  // From the mark to the record.
  EXPECT_GE(told, 12);
}

// GAUNTLET_KILLED_REPLICAS (3) at once, of which each dies at its own step `k`, if it gets there.
TEST_F(KilledOutside, AmongReplicasThatAllDieConvergesAfterTheOneCommandThatItNames) {
  const char* given = std::getenv("GAUNTLET_KILLED_REPLICAS");
  const int replicas = given == nullptr ? 3 : std::atoi(given);
  const auto kills = every_kill();
  // The short form takes every third step.
  const std::size_t stride = given == nullptr ? 3 : 1;
  for (std::size_t at = 0; at < kills.size(); at += stride) {
    SCOPED_TRACE(kills[at].text());
    empty_the_database();
    std::vector<process::Process> running;
    running.reserve(static_cast<std::size_t>(replicas));
    for (int replica = 0; replica < replicas; ++replica) {
      running.push_back(process::Process::start(doomed(kills[at])));
    }
    for (process::Process& replica : running) {
      EXPECT_TRUE(replica.wait_for(patience).has_value());
    }
    converges_after_one_command();
  }
}

TEST_F(KilledOutside, WhileAnIndexIsBuiltNamesTheInvalidIndexAndDropsItItself) {
  run("CREATE TABLE t AS SELECT generate_series(1, 100) AS x");
  write("1_table.up.sql", "SELECT 1");
  const auto writer = runner::connect_postgres(conninfo());
  writer->send("BEGIN; LOCK TABLE t IN ROW EXCLUSIVE MODE");
  auto child = process::Process::start(doomed());
  ASSERT_TRUE(eventually(
      "SELECT EXISTS (SELECT FROM pg_stat_activity WHERE query LIKE '%index_1 ON t%' AND pid <> "
      "pg_backend_pid() AND wait_event_type = 'Lock')"));
  child.kill_group();
  ASSERT_TRUE(
      eventually("SELECT NOT EXISTS (SELECT FROM pg_stat_activity WHERE query LIKE '%index_1 ON t%'"
                 " AND pid <> pg_backend_pid())"));
  writer->send("ROLLBACK");
  const std::string said = up_says();
  EXPECT_THAT(said, HasSubstr("index public.index_1 is INVALID: DROP INDEX CONCURRENTLY "
                              "public.index_1"));
  do_exactly(said);
  EXPECT_EQ(up_says(), "");
  expect_all_applied();
}

}  // namespace
}  // namespace gauntlet::gate
