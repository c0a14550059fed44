// Fleets on a real server. What they take is nobody's business here.
#include "harness/arena/server.h"
#include "harness/bench/programs.h"
#include "harness/bench/row_figures.h"
#include "runner/values/error.h"

#include <chrono>
#include <future>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace gauntlet::bench {
namespace {

using testing::HasSubstr;

struct Ground {
  std::unique_ptr<arena::Server> server = arena::Server::start({});
  std::unique_ptr<arena::Arena> arena = arena::open(server->loopback().url(), {});
  Field field{*arena, Field::Server::ours};
  fleet::WorkFolder folder;
  std::vector<Work> works;

  Ground() {
    works.push_back(journalled_work("3 pending", folder.path(), 3, std::chrono::milliseconds(0)));
    works.push_back(works.front());
    works.back().load = "nothing pending";
    works.back().is_done_before = true;
  }
};

Ground& ground() {
  static Ground ground;
  return ground;
}

fleet::SubjectFile subject_of(const std::string& command) {
  return {.subject = fleet::command_subject(command, {0}),
          .format = "plain",
          .timeout = std::chrono::seconds(60)};
}

fleet::SubjectFile reference() {
  return {.subject = fleet::reference_subject("directive", "5m"),
          .format = "gauntlet",
          .timeout = std::chrono::seconds(60)};
}

std::vector<Row> measured(std::unique_ptr<Contender> contender, const std::string& load,
                          std::size_t replicas, double round_trip_ms = 0) {
  std::vector<std::unique_ptr<Contender>> contenders;
  contenders.push_back(bare_program(ground().field));
  contenders.push_back(std::move(contender));
  return measure(contenders,
                 {.cells = {{load, replicas, round_trip_ms}}, .rounds = 1, .warm_ups = 0});
}

TEST(Bench, TheReferenceIsRightWhereSomethingIsPendingAndWhereNothingIs) {
  for (const std::string load : {"3 pending", "nothing pending"}) {
    SCOPED_TRACE(load);
    const auto rows = measured(
        runner_program(reference(), Role::reference, ground().field, ground().works), load, 3);
    ASSERT_EQ(rows.size(), 2U);
    for (const Row& row : rows) {
      ASSERT_EQ(row.runs.size(), 1U);
      EXPECT_EQ(row.runs[0].wrong, "") << row.who;
      EXPECT_EQ(row.unsure, "") << row.who;
      EXPECT_TRUE(row.runs[0].server_cpu_ms.has_value());
      EXPECT_EQ(row.waits_ms.size(), 3U);
      ASSERT_TRUE(row.counted);
      EXPECT_EQ(row.counted->lanes.size(), 3U);
    }
    EXPECT_EQ(rows[0].counted->round_trips, 1);
    EXPECT_EQ(rows[0].counted->statements, 1);
    const bool is_storm = load == "nothing pending";
    EXPECT_EQ(rows[1].counted->round_trips == 1, is_storm);
  }
}

TEST(Bench, OverADistanceTheSameIsDoneAndEachRoundTripTakesIt) {
  const auto rows =
      measured(runner_program(reference(), Role::reference, ground().field, ground().works),
               "3 pending", 2, 30);
  for (const Row& row : rows) {
    EXPECT_EQ(row.runs[0].wrong, "") << row.who;
    // No upper bound: only that the distance is there. The startup and one statement are three
    // round trips at least, with a password.
    EXPECT_GE(row.runs[0].makespan_ms, 60) << row.who;
  }
}

TEST(Bench, ARunnerThatLeavesOneOutIsWrong) {
  const auto rows =
      measured(runner_program(
                   subject_of("psql -qX -v ON_ERROR_STOP=1 {url} -f {migrations}/001_bench_1.sql"),
                   Role::other, ground().field, ground().works),
               "3 pending", 1);
  EXPECT_THAT(rows[1].runs[0].wrong, HasSubstr("migration 2 is on disk and took no effect"));
}

TEST(Bench, ARunnerThatFailsIsWrongInItsOwnWords) {
  const auto rows = measured(runner_program(subject_of("sh -c 'echo no such flag >&2; exit 7'"),
                                            Role::other, ground().field, ground().works),
                             "3 pending", 2);
  EXPECT_THAT(rows[1].runs[0].wrong, HasSubstr("no such flag"));
}

TEST(Bench, ARunnerThatDoesNotEndIsEndedAndNotMeasuredInLargerFleets) {
  auto subject = subject_of("sleep 600");
  subject.timeout = std::chrono::milliseconds(300);
  std::vector<std::unique_ptr<Contender>> contenders;
  contenders.push_back(runner_program(subject, Role::other, ground().field, ground().works));
  const auto rows = measure(
      contenders, {.cells = {{"3 pending", 1}, {"3 pending", 2}}, .rounds = 3, .warm_ups = 0});
  ASSERT_EQ(rows.size(), 2U);
  EXPECT_EQ(rows[0].runs.size(), 1U);
  EXPECT_THAT(rows[0].runs[0].wrong, HasSubstr("did not end in time"));
  EXPECT_TRUE(rows[1].runs.empty());
  EXPECT_THAT(rows[1].unsure, HasSubstr("a smaller fleet did not end"));
}

TEST(Bench, ARunnerThatCannotEvenMigrateAloneIsNoPartOfABootStorm) {
  EXPECT_THROW(
      measured(runner_program(subject_of("false"), Role::other, ground().field, ground().works),
               "nothing pending", 1),
      runner::Error);
}

TEST(Relay, HandsOnWhatIsLongerThanAnySocketTakesAtOnce) {
  const auto database = ground().field.fresh();
  const Relay relay(database->loopback(), std::chrono::milliseconds(2));
  arena::Connection connection(relay.through(database->loopback()));
  EXPECT_EQ(connection.ask_one("SELECT length(repeat('x', 5000000))"), "5000000");
  EXPECT_EQ(connection.ask_one("SELECT repeat('y', 5000000)").size(), 5'000'000U);
  EXPECT_EQ(connection.ask_one("SELECT length('" + std::string(5'000'000, 'z') + "')"), "5000000");
}

// While one session's statement runs, the others come and go.
TEST(Relay, LetsNoSessionWaitForAnother) {
  const auto database = ground().field.fresh();
  const Relay relay(database->loopback(), std::chrono::milliseconds(2));
  const arena::Address address = relay.through(database->loopback());
  arena::Connection holder(database->loopback());
  holder.run("SELECT pg_advisory_lock(1)");
  auto waiting = std::async(std::launch::async, [&] {
    return arena::Connection(address).ask_one("SELECT pg_advisory_lock(1)::text || 'had it'");
  });
  for (int session = 0; session < 20; ++session)
    EXPECT_EQ(arena::Connection(address).ask_one("SELECT 1"), "1");
  holder.run("SELECT pg_advisory_unlock(1)");
  EXPECT_EQ(waiting.get(), "had it");
}

}  // namespace
}  // namespace gauntlet::bench
