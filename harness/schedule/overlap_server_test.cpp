// Two statements inside a real server at the same instant.
#include "harness/explore/bounded.h"
#include "harness/explore/replay.h"
#include "harness/schedule/explorer.h"
#include "harness/schedule/overlaps.h"

#include <algorithm>
#include <chrono>
#include <thread>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace gauntlet::schedule {
namespace {

using sql::Contested;

class OverlapServer : public testing::Test {
 protected:
  /// Runs both statements, each in a session of its own, held until both stand inside.
  std::vector<std::string> overlap(const Contested& on, const std::string& statement) {
    Overlaps overlaps(database_->address());
    EXPECT_TRUE(overlaps.hold(on));
    std::vector<std::string> states(2);
    {
      std::vector<std::jthread> sessions;
      sessions.reserve(states.size());
      for (std::string& state : states) {
        sessions.emplace_back([&] { state = state_after(statement); });
      }
      wait_for_two_behind(overlaps.backend_pid());
      overlaps.release();
    }
    overlaps.clean();
    return states;
  }

  std::string state_after(const std::string& statement) {
    try {
      arena::Connection(database_->address()).run(statement);
      return "00000";
    } catch (const arena::StatementError& error) {
      return error.sqlstate();
    }
  }

  /// Whoever never comes is no reason to wait for ever.
  void wait_for_two_behind(int backend) {
    const auto until = std::chrono::steady_clock::now() + std::chrono::seconds(30);
    std::string behind;
    while (behind != "2" && std::chrono::steady_clock::now() < until)
      behind = ours_.ask_one(
          "SELECT count(*) FROM pg_stat_activity WHERE $1::int = ANY (pg_blocking_pids(pid))",
          {std::to_string(backend)});
    EXPECT_EQ(behind, "2") << "statements stand behind the hold";
  }

  const std::unique_ptr<arena::Server> server_ = arena::Server::start({});
  const std::unique_ptr<arena::Arena> arena_ = arena::open(server_->loopback().url(), {});
  const std::unique_ptr<arena::Database> database_ = arena_->fresh("overlap");
  arena::Connection ours_{database_->address()};
};

constexpr const char* insert_if_none = "INSERT INTO t SELECT 1 WHERE NOT EXISTS (SELECT 1 FROM t)";

TEST_F(OverlapServer, NeitherOfTwoInsertsSeesTheOthersRow) {
  ours_.run("CREATE TABLE t(x int)");
  for (int round = 0; round < 10; ++round) {
    ours_.run("TRUNCATE t");
    overlap({.what = Contested::What::rows, .name = "\"t\""}, insert_if_none);
    EXPECT_EQ(ours_.ask_one("SELECT count(*) FROM t"), "2");
  }
}

TEST_F(OverlapServer, OneAfterTheOtherInsertsOneRow) {
  ours_.run("CREATE TABLE t(x int)");
  state_after(insert_if_none);
  state_after(insert_if_none);
  EXPECT_EQ(ours_.ask_one("SELECT count(*) FROM t"), "1");
}

TEST_F(OverlapServer, OneOfTwoThatCreateATableIsRefused) {
  for (int round = 0; round < 10; ++round) {
    auto states = overlap({.what = Contested::What::relation, .name = "\"t\""},
                          "CREATE TABLE IF NOT EXISTS t(x int)");
    std::ranges::sort(states);
    EXPECT_EQ(states, (std::vector<std::string>{"00000", "23505"}));
    ours_.run("DROP TABLE t");
  }
}

TEST_F(OverlapServer, HoldLeavesNothing) {
  ours_.run("CREATE TABLE t(x int)");
  overlap({.what = Contested::What::rows, .name = "\"t\""}, insert_if_none);
  EXPECT_EQ(ours_.ask_one("SELECT count(*) FROM pg_trigger WHERE NOT tgisinternal"), "0");
  EXPECT_EQ(ours_.ask_one("SELECT count(*) FROM pg_proc WHERE oid >= 16384"), "0");
  EXPECT_EQ(ours_.ask_one("SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND database ="
                          " (SELECT oid FROM pg_database WHERE datname = current_database())"),
            "0");
}

TEST_F(OverlapServer, NothingIsContestedWhereALockOrdersTheTwo) {
  ours_.run("CREATE TABLE t(x int)");
  Overlaps overlaps(database_->address());
  overlaps.note(1, insert_if_none);
  EXPECT_TRUE(overlaps.between(1, 1));
  arena::Connection other(database_->address());
  other.run("BEGIN; LOCK TABLE t IN EXCLUSIVE MODE");
  EXPECT_FALSE(overlaps.between(1, 1));
  other.run("COMMIT");
  overlaps.note(2, "CREATE TABLE IF NOT EXISTS t(x int)");
  EXPECT_FALSE(overlaps.between(2, 2)) << "the table is there";
}

TEST_F(OverlapServer, CannotHoldAtATableThatAnOpenTransactionHasWritten) {
  ours_.run("CREATE TABLE t(x int)");
  arena::Connection writer(database_->address());
  writer.run("BEGIN; INSERT INTO t VALUES (1)");
  Overlaps overlaps(database_->address());
  overlaps.note(1, insert_if_none);
  EXPECT_TRUE(overlaps.between(1, 1));
  EXPECT_FALSE(overlaps.hold({.what = Contested::What::rows, .name = "\"t\""}));
  writer.run("COMMIT");
  EXPECT_TRUE(overlaps.hold({.what = Contested::What::rows, .name = "\"t\""}));
  overlaps.release();
}

TEST_F(OverlapServer, ReferenceRunnerHasNoPairThatCollides) {
  const Trial trial =
      trial_of({.id = "mine/seed",
                .claim = "it works",
                .why = "or nothing does",
                .stages = {{.name = "deploy",
                            .files = {{"001_a.up.sql", "CREATE TABLE a(x int);\n"},
                                      {"002_b.up.sql", "INSERT INTO a VALUES (1);\n"}}}}},
               {});
  Explorer explorer(trial, {}, *arena_);
  explore::Bounded bounded(1);
  const SearchResult found = explorer.search(bounded, {.time = std::chrono::minutes(5)});
  EXPECT_EQ(found.end, SearchResult::End::completed);
  EXPECT_THAT(found.pairs, testing::IsEmpty());
}

}  // namespace
}  // namespace gauntlet::schedule
