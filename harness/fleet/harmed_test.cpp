#include "harness/fleet/harmed.h"

#include "harness/arena/file_arena.h"
#include "harness/fleet/file_door.h"
#include "runner/sqlite.h"

#include <algorithm>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <poll.h>
#include <unistd.h>

namespace gauntlet::fleet {
namespace {

using core::Event;
using std::chrono::milliseconds;
using What = HarmOptions::What;

class HarmedFleet : public testing::Test {
 protected:
  /// Each copy runs `script`, in which `first` is true for the first of them alone.
  Harmed run(const std::string& script, const HarmOptions& options) const {
    const std::string once =
        "psql -qXAtc \"SELECT nextval('turn')\" > turn;"
        " first() { [ \"$(cat turn)\" = 1 ]; }; ";
    const Subject subject{.name = "script", .command = {"bash", "-c", once + script}};
    return harmed(subject, *database_, std::filesystem::temp_directory_path(), options);
  }
  void SetUp() override {
    const Subject psql{.name = "psql", .command = {"psql", "-qXc", "CREATE SEQUENCE turn"}};
    run_once(psql, *database_, std::filesystem::temp_directory_path(), milliseconds(60'000));
  }

  std::unique_ptr<arena::Arena> arena_ = arena::open("ephemeral", {});
  std::unique_ptr<arena::Database> database_ = arena_->fresh("harmed");
};

/// Where in the history the first event is that fits.
template <typename Fits>
std::ptrdiff_t place_of(const core::History& history, const Fits& fits) {
  return std::ranges::find_if(history.events, fits) - history.events.begin();
}

TEST_F(HarmedFleet, KillsTheFirstWhereItIsSeenAndLetsTheOthersComeThen) {
  const Harmed seen = run("if first; then psql -qXc 'SELECT pg_sleep(600)'; fi",
                          {.replicas = 3, .what = What::kill, .at = "pg_sleep(600)"});
  EXPECT_TRUE(seen.happened);
  EXPECT_EQ(seen.history.exit_of(0)->kind, Event::Kind::killed);
  EXPECT_EQ(seen.history.exit_of(0)->signal, SIGKILL);
  EXPECT_EQ(seen.history.exit_of(2)->exit_code, 0);
  EXPECT_LT(place_of(seen.history, [](const Event& e) { return e.kind == Event::Kind::killed; }),
            place_of(seen.history, [](const Event& e) {
              return e.kind == Event::Kind::released && e.replica == 1;
            }));
}

TEST_F(HarmedFleet, StopsTheFirstUntilAnotherOneHasEnded) {
  const Harmed seen = run("if first; then psql -qXc 'SELECT pg_sleep(0.5)'; fi",
                          {.replicas = 2,
                           .what = What::pause,
                           .at = "pg_sleep(0.5)",
                           .harm_max = milliseconds(30'000)});
  EXPECT_TRUE(seen.happened);
  EXPECT_EQ(seen.history.exit_of(0)->exit_code, 0);
  const auto other_ends = place_of(
      seen.history, [](const Event& e) { return e.kind == Event::Kind::exited && e.replica == 1; });
  const auto goes_on =
      place_of(seen.history, [](const Event& event) { return event.text == "replica 0 goes on"; });
  EXPECT_LT(other_ends, goes_on);
}

TEST_F(HarmedFleet, LetsAStoppedOneGoOnWhenItsTimeIsOver) {
  const Harmed seen = run("if first; then psql -qXc 'SELECT pg_sleep(0.2)'; else sleep 600; fi",
                          {.replicas = 2,
                           .patience = milliseconds(4'000),
                           .what = What::pause,
                           .at = "pg_sleep(0.2)",
                           .harm_max = milliseconds(100)});
  EXPECT_EQ(seen.history.exit_of(0)->exit_code, 0);
  EXPECT_EQ(seen.history.exit_of(1)->kind, Event::Kind::killed);
}

TEST_F(HarmedFleet, AsksTheFirstToEnd) {
  const std::string sleeps = "psql -qXc 'SELECT pg_sleep(600)' & wait; fi";
  const Harmed obeys =
      run("if first; then trap 'exit 7' TERM; " + sleeps, {.replicas = 1,
                                                           .what = What::ask_to_end,
                                                           .at = "pg_sleep(600)",
                                                           .harm_max = milliseconds(30'000)});
  EXPECT_TRUE(obeys.happened);
  EXPECT_EQ(obeys.history.exit_of(0)->exit_code, 7);
}

TEST_F(HarmedFleet, KillsTheFirstThatDoesNotEndWhenItIsAsked) {
  const Harmed stays = run("if first; then trap '' TERM; psql -qXc 'SELECT pg_sleep(600)'; fi",
                           {.replicas = 1,
                            .what = What::ask_to_end,
                            .at = "pg_sleep(600)",
                            .harm_max = milliseconds(100)});
  EXPECT_EQ(stays.history.exit_of(0)->signal, SIGKILL);
}

TEST_F(HarmedFleet, SaysThatTheStatementWasNeverSeenAndCollectsAll) {
  const Harmed seen = run("true", {.replicas = 3, .at = "no such statement"});
  EXPECT_FALSE(seen.happened);
  for (std::size_t replica = 0; replica < 3; ++replica) {
    SCOPED_TRACE(replica);
    EXPECT_EQ(seen.history.exit_of(replica)->exit_code, 0);
  }
}

TEST(FileDoorTest, ShutsAFileAndSeesWhoHasItOpen) {
  const auto database = arena::open_files()->fresh("door");
  const std::filesystem::path file = database->address().file();
  runner::connect_sqlite(database->address().conninfo())->send("CREATE TABLE t(x)");
  FileDoor door(file);
  EXPECT_EQ(door.waiting({getpid()}), 1U);  // it is open here
  const auto other = process::Process::start(
      {.argv = {"bash", "-c", "exec 5<\"$0\"; exec sleep 600", file.string()}});
  const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(60);
  while (door.waiting({other.pid()}) == 0 && std::chrono::steady_clock::now() < deadline)
    poll(nullptr, 0, 5);
  EXPECT_EQ(door.waiting({other.pid()}), 1U);
  const auto session = runner::connect_sqlite(database->address().conninfo());
  session->limit({.lock_wait = milliseconds(0)});
  EXPECT_THROW(session->send("SELECT * FROM t"), runner::SqlError);
  door.open();
  EXPECT_EQ(session->send("SELECT * FROM t").size(), 1U);
}

}  // namespace
}  // namespace gauntlet::fleet
