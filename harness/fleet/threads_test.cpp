#include "harness/fleet/threads.h"

#include "harness/gate/gated_session.h"
#include "runner/values/error.h"

#include <atomic>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <poll.h>

namespace gauntlet::fleet {
namespace {

using core::Event;
using testing::HasSubstr;

/// Until the descriptor is readable, and at most a minute.
void wait_on(int fd) {
  pollfd polled{.fd = fd, .events = POLLIN, .revents = 0};
  poll(&polled, 1, 60'000);
}

TEST(Threads, RecordHowEachReplicaEnded) {
  gate::Recorder recorder(3);
  run_threads({.replicas = 3,
               .act =
                   [](std::size_t replica, int) {
                     if (replica == 1) throw runner::Error("broken", "it broke", "here", "mend it");
                     if (replica == 2) throw gate::ReplicaDied{};
                   }},
              recorder);
  const core::History history = recorder.history();
  EXPECT_EQ(history.exit_of(0)->exit_code, 0);
  EXPECT_EQ(history.exit_of(1)->exit_code, 1);
  EXPECT_THAT(history.outputs[1].err, HasSubstr("error[broken]: it broke"));
  EXPECT_EQ(history.exit_of(2)->kind, Event::Kind::killed);
}

TEST(Threads, InterruptWhoeverIsNotDoneInTimeAndCallItKilled) {
  gate::Recorder recorder(2);
  run_threads({.replicas = 2,
               .patience = std::chrono::milliseconds(20),
               .act =
                   [](std::size_t replica, int interrupt_fd) {
                     if (replica == 1) wait_on(interrupt_fd);
                   }},
              recorder);
  EXPECT_EQ(recorder.history().exit_of(0)->kind, Event::Kind::exited);
  EXPECT_EQ(recorder.history().exit_of(1)->kind, Event::Kind::killed);
}

TEST(Threads, TakeFromWhoeverDoesNotHeedTheInterruptWhatItWaitsFor) {
  gate::Recorder recorder(1);
  std::atomic<bool> taken{false};
  run_threads({.replicas = 1,
               .patience = std::chrono::milliseconds(1),
               .act = [&](std::size_t, int) { taken.wait(false); },
               .when_overdue =
                   [&] {
                     taken = true;
                     taken.notify_all();
                   }},
              recorder);
  EXPECT_TRUE(taken);
  EXPECT_EQ(recorder.history().exit_of(0)->kind, Event::Kind::killed);
}

TEST(Threads, LetTheCallerWaitForAnEnd) {
  gate::Recorder recorder(1);
  std::atomic<bool> may_end{false};
  bool early = true, late = false;
  run_threads({.replicas = 1,
               .act = [&](std::size_t, int) { may_end.wait(false); },
               .meanwhile =
                   [&](const WaitForAnEnd& wait) {
                     early = wait(std::chrono::milliseconds(1));
                     may_end = true;
                     may_end.notify_all();
                     late = wait(std::chrono::minutes(1));
                   }},
              recorder);
  EXPECT_FALSE(early);
  EXPECT_TRUE(late);
}

}  // namespace
}  // namespace gauntlet::fleet
