#include "harness/run/stage_gates.h"

#include <thread>

#include <gtest/gtest.h>

namespace gauntlet::run {
namespace {

using scenario::Hold;
using std::chrono::milliseconds;

constexpr std::chrono::seconds bound{60};
constexpr milliseconds no_time{1};

core::Step says(std::size_t replica, std::string sql) {
  return {.session = {.replica = replica}, .sql = std::move(sql)};
}

class StageGates : public testing::Test {
 protected:
  gate::OpenGate open_;
  Attendance attendance_{2};
};

TEST_F(StageGates, HaveSeenAllAskWhenEachAskedOrEnded) {
  SeenAsking asking(open_, attendance_);
  asking.after(says(0, "SELECT pg_try_advisory_lock(1)"), {});
  asking.after(says(1, "SELECT 1"), {});
  EXPECT_FALSE(attendance_.wait_for_all_asked(no_time));
  attendance_.ended(1);
  EXPECT_TRUE(attendance_.wait_for_all_asked(bound));
}

TEST_F(StageGates, CountOneThatWaitsInsideTheServerAsAsking) {
  SeenAsking asking(open_, attendance_);
  asking.at(says(0, "SELECT pg_advisory_lock(1)"), bound);
  attendance_.ended(1);
  EXPECT_TRUE(attendance_.wait_for_all_asked(bound));
}

TEST_F(StageGates, HoldAStepUntilAllAsked) {
  const std::vector<Hold> until_asked{{.sql_has = "INSERT", .at_most = bound}};
  Holds holds(open_, attendance_, until_asked);
  std::jthread held([&] { holds.at(says(0, "INSERT"), bound); });
  holds.at(says(1, "SELECT"), bound);
  attendance_.asked(1);
  held.join();
  EXPECT_TRUE(holds.all_met());
}

TEST_F(StageGates, LetTwoGoThatStandTogether) {
  const std::vector<Hold> two{
      {.sql_has = "INSERT", .until = Hold::Until::two_stand, .at_most = bound}};
  Holds holds(open_, attendance_, two);
  {
    std::jthread first([&] { holds.at(says(0, "INSERT"), bound); });
    holds.at(says(1, "INSERT"), bound);
  }
  EXPECT_TRUE(holds.all_met());
}

TEST_F(StageGates, LetOneGoWhenNobodyIsLeftWhoCouldStandBesideIt) {
  const std::vector<Hold> two{
      {.sql_has = "INSERT", .until = Hold::Until::two_stand, .at_most = bound}};
  Holds holds(open_, attendance_, two);
  attendance_.ended(1);
  holds.at(says(0, "INSERT"), bound);
  EXPECT_TRUE(holds.all_met());
}

TEST_F(StageGates, TellOfAHoldWhoseTimeWasOver) {
  const std::vector<Hold> until_asked{{.sql_has = "INSERT", .at_most = no_time}};
  Holds holds(open_, attendance_, until_asked);
  holds.at(says(0, "SELECT"), bound);
  EXPECT_TRUE(holds.all_met());
  Attendance three(3);
  Holds unmet(open_, three, until_asked);
  unmet.at(says(0, "INSERT"), bound);
  EXPECT_FALSE(unmet.all_met());
}

TEST_F(StageGates, PauseOnlyTheFirstUntilAnotherHasEnded) {
  const std::vector<Hold> pause{
      {.sql_has = "INSERT", .until = Hold::Until::another_ended, .at_most = bound}};
  Holds holds(open_, attendance_, pause);
  attendance_.ended(1);
  holds.at(says(0, "INSERT"), bound);  // would be held for as long as nobody has ended
  holds.at(says(1, "INSERT"), bound);  // nobody but itself has ended: it is not the first
  EXPECT_TRUE(holds.all_met());
}

TEST_F(StageGates, InterruptTheFirstThatComesToTheStep) {
  std::vector<std::size_t> interrupted;
  Interruption gate(open_, "sleep", [&](std::size_t replica) { interrupted.push_back(replica); });
  gate.at(says(0, "SELECT 1"), bound);
  EXPECT_FALSE(gate.happened());
  gate.at(says(1, "SELECT sleep"), bound);
  gate.at(says(0, "SELECT sleep"), bound);
  EXPECT_EQ(interrupted, std::vector<std::size_t>{1});
}

}  // namespace
}  // namespace gauntlet::run
