#include "harness/gate/gates.h"

#include "harness/gate/recorder.h"

#include <thread>

#include <gtest/gtest.h>

namespace gauntlet::gate {
namespace {

constexpr std::chrono::seconds bound{60};

core::Step first_of(std::size_t replica) { return {.session = {.replica = replica}}; }

TEST(Barrier, LetsNobodyThroughBeforeAllStandThere) {
  OpenGate open;
  Barrier barrier(open, 8);
  Recorder recorder(8);
  {
    std::vector<std::jthread> replicas;
    for (std::size_t replica = 0; replica < 8; ++replica) {
      replicas.emplace_back([&, replica] {
        const std::size_t step = recorder.asked(first_of(replica));
        recorder.let_go(step, barrier.at(first_of(replica), bound));
      });
    }
  }
  EXPECT_EQ(barrier.gathered(), 8U);
  const core::History history = recorder.history();
  for (std::size_t position = 0; position < 16; ++position) {
    SCOPED_TRACE(position);
    EXPECT_EQ(history.events[position].kind,
              position < 8 ? core::Event::Kind::asked : core::Event::Kind::let_go);
  }
}

TEST(Barrier, DoesNotHoldTheOthersForOneThatWillNotCome) {
  OpenGate open;
  Barrier barrier(open, 2);
  barrier.leaves(1);
  barrier.at(first_of(0), bound);
  EXPECT_EQ(barrier.gathered(), 1U);
}

TEST(Barrier, LetsGoWhenPatienceEndsAndTellsHowManyCame) {
  OpenGate open;
  Barrier barrier(open, 2);
  barrier.at(first_of(0), std::chrono::milliseconds(1));
  EXPECT_EQ(barrier.gathered(), 1U);
}

TEST(Faults, HarmAStepAndTellWhatNeverFired) {
  OpenGate open;
  Faults faults(open, {{.skip = 1, .ruling = {.what = core::Ruling::What::refuse}},
                       {.replica = 9, .ruling = {.what = core::Ruling::What::die_after}}});
  EXPECT_EQ(faults.at(first_of(0), bound).what, core::Ruling::What::proceed);
  EXPECT_EQ(faults.at(first_of(0), bound).what, core::Ruling::What::refuse);
  EXPECT_EQ(faults.unfired().size(), 1U);
}

}  // namespace
}  // namespace gauntlet::gate
