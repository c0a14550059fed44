// A real process that SIGKILL ends before or after each step of its run, and one rerun of it.
#include "harness/arena/server.h"
#include "harness/gate/gated_session.h"
#include "harness/gate/gates.h"
#include "harness/process/process.h"
#include "runner/connect.h"
#include "runner/folder_test.h"
#include "runner/repair.h"

#include <csignal>
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

/// Does what a person does with the error of a run that found a mark: drops the indexes that it
/// names, looks whether the statement where it stopped took effect, and resumes as it says.
class WhatItSays {
 public:
  explicit WhatItSays(const std::string& text) : text_(text) {}

  std::vector<std::string> drops() const {
    std::vector<std::string> statements;
    const std::regex drop("DROP INDEX CONCURRENTLY [^\\n]+");
    for (std::sregex_iterator found(text_.begin(), text_.end(), drop), end; found != end; ++found) {
      statements.push_back(found->str());
    }
    return statements;
  }
  /// What `pattern`'s only group holds.
  int number_in(const char* pattern) const {
    std::smatch found;
    if (!std::regex_search(text_, found, std::regex(pattern))) {
      throw std::runtime_error("it does not say `" + std::string(pattern) + "`: " + text_);
    }
    return std::stoi(found[1]);
  }

 private:
  const std::string& text_;
};

class KilledOutside : public KilledProcess {
 protected:
  KilledOutside() {
    write("1_table.up.sql", "CREATE TABLE t AS SELECT generate_series(1, 100) AS x");
    write("2_indexes.up.sql",
          "-- gauntlet: no-transaction\nCREATE INDEX CONCURRENTLY index_1 ON t(x);\n"
          "CREATE INDEX CONCURRENTLY index_2 ON t((x + 1));");
    write("3_data.up.sql", "INSERT INTO t VALUES (0)");
  }

  /// Statement k of the file makes index_k.
  bool took_effect(int statement) const {
    return value("SELECT to_regclass('index_" + std::to_string(statement) + "') IS NOT NULL") ==
           "t";
  }

  void do_exactly(const std::string& said) const {
    const WhatItSays it(said);
    for (const std::string& drop : it.drops()) run(drop);
    const int stopped = it.number_in("stopped at statement ([0-9])");
    const Version version{it.number_in("`gauntlet-migrate resume ([0-9])` goes on with it")};
    std::optional<int> from;
    if (took_effect(stopped)) from = it.number_in("--from ([0-9])` goes on after it");
    runner::resume(*runner::sessions_of(conninfo()), runner::read_folder(folder_.path()), version,
                   from, {});
  }

  void expect_all_applied() const {
    EXPECT_EQ(value("SELECT count(*) FROM pg_index WHERE indrelid = 't'::regclass AND indisvalid"),
              "2");
    EXPECT_EQ(value("SELECT count(*) FROM t"), "101");
    EXPECT_EQ(value("SELECT string_agg(version::text, ',' ORDER BY version)"
                    " FROM applied_migrations"),
              "1,2,3");
    EXPECT_EQ(value("SELECT count(*) FROM applied_migrations_in_progress"), "0");
  }
};

TEST_F(KilledOutside, BeforeOrAfterAnyStepConvergesOrSaysExactlyWhatToDo) {
  int told = 0;
  for (const fault::Fault& kill : every_kill()) {
    SCOPED_TRACE(kill.text());
    empty_the_database();
    ASSERT_EQ(process::run(doomed(kill), patience).exit.signal, SIGKILL);
    const std::string said = up_says();
    if (!said.empty()) {
      ++told;
      ASSERT_THAT(said, HasSubstr("error[in-progress]: migration 2 (indexes) stopped at"));
      do_exactly(said);
      EXPECT_EQ(up_says(), "");
    }
    expect_all_applied();
  }
  // From the mark to the record: before and after each statement, and before the record.
  EXPECT_GE(told, 5);
}

TEST_F(KilledOutside, WhileAnIndexIsBuiltNamesTheInvalidIndexAndConvergesOnceItIsDropped) {
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
