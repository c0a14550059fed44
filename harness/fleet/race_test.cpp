#include "harness/fleet/fleet.h"
#include "runner/values/error.h"

#include <algorithm>
#include <chrono>
#include <fstream>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <pqxx/pqxx>
#include <unistd.h>

namespace gauntlet::fleet {
namespace {

using std::chrono::milliseconds;
using ::testing::HasSubstr;
using ::testing::Not;

Subject shell(const std::string& script) {
  return {.name = "script", .command = {"bash", "-c", script, "script", "{work}", "{migrations}"}};
}

std::size_t count(const core::History& history, core::Event::Kind kind) {
  return static_cast<std::size_t>(
      std::count_if(history.events.begin(), history.events.end(),
                    [kind](const core::Event& event) { return event.kind == kind; }));
}

class RaceTest : public ::testing::Test {
 protected:
  std::string ask(const std::string& sql) const {
    pqxx::connection connection(database_->address().conninfo());
    return pqxx::nontransaction(connection).exec1(sql)[0].as<std::string>();
  }

  std::unique_ptr<arena::Arena> arena_ = arena::open("ephemeral", {});
  std::unique_ptr<arena::Database> database_ = arena_->fresh("race");
  const std::filesystem::path migrations_ = std::filesystem::temp_directory_path();
};

using RunOnceTest = RaceTest;

TEST_F(RunOnceTest, TellsHowTheProgramEndedAndWhatItSaid) {
  const auto history = run_once(shell("echo out; echo err >&2; exit 3"), *database_, migrations_,
                                milliseconds(10'000));
  ASSERT_NE(history.exit_of(0), nullptr);
  EXPECT_EQ(history.exit_of(0)->exit_code, 3);
  EXPECT_EQ(history.outputs[0].out, "out\n");
  EXPECT_EQ(history.outputs[0].err, "err\n");
}

TEST_F(RunOnceTest, KillsTheWholeGroupAtTheEndOfItsPatience) {
  const auto history = run_once(shell("echo $BASHPID; sleep 60 & echo $!; wait"), *database_,
                                migrations_, milliseconds(300));
  ASSERT_NE(history.exit_of(0), nullptr);
  EXPECT_EQ(history.exit_of(0)->kind, core::Event::Kind::killed);
  EXPECT_EQ(history.exit_of(0)->signal, SIGKILL);
}

TEST_F(RunOnceTest, ReachesTheDatabaseByItsEnvironmentAndByItsUrl) {
  const auto history = run_once(
      shell("psql -XAtqc 'SELECT current_database()' && psql \"$DATABASE_URL\" -XAtqc 'SHOW ssl'"),
      *database_, migrations_, milliseconds(20'000));
  EXPECT_EQ(history.outputs[0].out, database_->loopback().database() + "\noff\n")
      << history.outputs[0].err;
}

TEST_F(RunOnceTest, ShowsNoPassword) {
  const auto history = run_once(shell("echo $DATABASE_URL; echo $PGPASSWORD >&2"), *database_,
                                migrations_, milliseconds(10'000));
  EXPECT_THAT(history.outputs[0].out, Not(HasSubstr(database_->loopback().password())));
  EXPECT_THAT(history.outputs[0].err, HasSubstr("***"));
}

TEST_F(RunOnceTest, GivesAFreshFolderThatIsGoneAfterwards) {
  const auto history =
      run_once(shell("ls -A; pwd; touch left"), *database_, migrations_, milliseconds(10'000));
  const std::string folder = history.outputs[0].out.substr(0, history.outputs[0].out.find('\n'));
  EXPECT_EQ(folder.front(), '/');
  EXPECT_FALSE(std::filesystem::exists(folder));
}

TEST_F(RunOnceTest, RefusesAProgramThatIsNotThere) {
  const Subject nothing{.name = "nothing", .command = {"/no/such/program"}};
  EXPECT_THROW(run_once(nothing, *database_, migrations_, milliseconds(1'000)), runner::Error);
}

TEST_F(RaceTest, LetsAllInTogether) {
  const auto history =
      race(shell("psql -XAtqc 'SELECT 1'"), *database_, migrations_, {.replicas = 8});
  EXPECT_EQ(history.sessions_at_the_door, 8U);
  EXPECT_EQ(count(history, core::Event::Kind::exited), 8U);
}

TEST_F(RaceTest, GivesEachCopyAFolderOfItsOwn) {
  const auto history = race(shell("pwd"), *database_, migrations_, {.replicas = 4});
  std::vector<std::string> folders;
  for (const auto& output : history.outputs) folders.push_back(output.out);
  std::sort(folders.begin(), folders.end());
  EXPECT_EQ(std::unique(folders.begin(), folders.end()), folders.end());
}

TEST_F(RaceTest, DoesNotWaitForCopiesThatNeverComeToTheDoor) {
  const auto began = std::chrono::steady_clock::now();
  const auto history = race(shell("exit 0"), *database_, migrations_, {.replicas = 4});
  EXPECT_EQ(history.sessions_at_the_door, 0U);
  EXPECT_LT(std::chrono::steady_clock::now() - began, std::chrono::seconds(20));
}

TEST_F(RaceTest, OpensTheDoorWhenTheFirstHasWaitedLongEnough) {
  // The first copy makes the folder and knocks; the others stay away until they can see its row.
  const std::string script =
      "if mkdir " + ("/tmp/gauntlet_race_test_" + std::to_string(getpid())) +
      " 2>/dev/null; then psql -Xqc 'CREATE TABLE let_in()'; else read -t 20 < <(sleep 1); fi";
  const auto history = race(shell(script), *database_, migrations_,
                            {.replicas = 3, .door_patience = milliseconds(100)});
  std::filesystem::remove("/tmp/gauntlet_race_test_" + std::to_string(getpid()));
  EXPECT_EQ(history.sessions_at_the_door, 1U);
  EXPECT_EQ(ask("SELECT count(*) FROM pg_class WHERE relname = 'let_in'"), "1");
}

TEST_F(RaceTest, LetsWritersOfAHeldTableGatherBeforeTheyGoOn) {
  ask("CREATE TABLE held(writer int); SELECT 1");
  const auto history =
      race(shell("psql -XAtqc 'SELECT count(*) FROM held' -c 'INSERT INTO held VALUES (1)'"),
           *database_, migrations_,
           {.replicas = 6,
            .held = RaceOptions::Held{
                .tables = "held", .settled = milliseconds(1'500), .total = milliseconds(6'000)}});
  EXPECT_EQ(history.sessions_at_the_door, 6U);
  for (const auto& output : history.outputs) EXPECT_EQ(output.out, "0\n") << output.err;
  const auto go_on =
      std::ranges::find(history.events, core::Event::Kind::writers_released, &core::Event::kind);
  ASSERT_NE(go_on, history.events.end());
  EXPECT_TRUE(std::none_of(history.events.begin(), go_on, [](const core::Event& event) {
    return event.kind == core::Event::Kind::exited;
  }));
  EXPECT_EQ(count(history, core::Event::Kind::writers_released), 1U);
}

TEST_F(RaceTest, RecordsTheCopiesItKilledAtTheDeadline) {
  const auto history = race(shell("psql -XAtqc 'SELECT pg_sleep(60)'"), *database_, migrations_,
                            {.replicas = 3, .patience = milliseconds(1'500)});
  EXPECT_EQ(count(history, core::Event::Kind::killed), 3U);
}

TEST_F(RaceTest, TellsAProgramThatIsNotThereByEachCopysExit) {
  const Subject nothing{.name = "nothing", .command = {"/no/such/program"}};
  const auto history = race(nothing, *database_, migrations_, {.replicas = 2});
  ASSERT_NE(history.exit_of(1), nullptr);
  EXPECT_EQ(history.exit_of(1)->exit_code, 127);
}

TEST_F(RaceTest, KeepsItsEventsInTheOrderOfTime) {
  const auto history =
      race(shell("psql -XAtqc 'SELECT 1'"), *database_, migrations_, {.replicas = 4});
  EXPECT_TRUE(std::is_sorted(history.events.begin(), history.events.end(),
                             [](const auto& a, const auto& b) { return a.at < b.at; }));
  EXPECT_EQ(history.events.size(), 12U);
}

TEST_F(RaceTest, CallsBeforeItKillsWhatTheCopiesLeftRunning) {
  std::string sessions;
  const std::string script =
      "(echo 'SELECT pg_advisory_lock(7);'; exec sleep 60) | psql -Xq >/dev/null 2>&1 & "
      "until [ $(psql -XAtqc 'SELECT count(*) FROM pg_locks WHERE objid = 7 AND granted') = 1 ]; "
      "do read -t 0.05 < <(sleep 1); done";
  race(shell(script), *database_, migrations_,
       {.replicas = 1, .when_ended = [&] {
          sessions = ask("SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND objid = 7");
        }});
  EXPECT_EQ(sessions, "1");
}

}  // namespace
}  // namespace gauntlet::fleet
