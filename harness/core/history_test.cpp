#include "harness/core/history.h"

#include <gtest/gtest.h>

namespace gauntlet::core {
namespace {

using Kind = Event::Kind;

TEST(History, FindsHowEachReplicaEnded) {
  const History history = {.events = {{.kind = Kind::started, .replica = 0},
                                      {.kind = Kind::started, .replica = 1},
                                      {.kind = Kind::killed, .replica = 1, .signal = 9},
                                      {.kind = Kind::exited, .replica = 0, .exit_code = 3}},
                           .replicas = 2};

  ASSERT_NE(history.exit_of(0), nullptr);
  EXPECT_EQ(history.exit_of(0)->exit_code, 3);
  ASSERT_NE(history.exit_of(1), nullptr);
  EXPECT_EQ(history.exit_of(1)->kind, Kind::killed);
}

TEST(History, KnowsNoEndOfAReplicaThatWasOnlyStarted) {
  const History history = {.events = {{.kind = Kind::started, .replica = 0}, {.replica = 1}},
                           .replicas = 2};

  EXPECT_EQ(history.exit_of(0), nullptr);
}

}  // namespace
}  // namespace gauntlet::core
