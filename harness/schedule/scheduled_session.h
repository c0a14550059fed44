// Between the gate and the connection: a session whose waits and whose end are steps of the
// schedule, too. As a Session, it belongs to one thread at a time.
#pragma once

#include "harness/schedule/reused_sessions.h"
#include "harness/schedule/scheduler.h"

#include <atomic>
#include <memory>

namespace gauntlet::schedule {

/// Sessions of one replica, numbered from 0 as the gate numbers them. In front of the gate
/// (`announcing`) they report which waits take no time; behind it (`scheduled`) they wait by no
/// clock.
class ScheduledSource : public runner::SessionSource {
 public:
  ScheduledSource(ReusedSessions& sessions, Scheduler& scheduler, std::size_t replica)
      : sessions_(sessions), scheduler_(scheduler), replica_(replica) {}
  std::unique_ptr<runner::Session> acquire(std::chrono::milliseconds patience) override;

 private:
  ReusedSessions& sessions_;
  Scheduler& scheduler_;
  const std::size_t replica_;
  std::atomic<std::size_t> next_{0};
};

class AnnouncingSource : public runner::SessionSource {
 public:
  AnnouncingSource(runner::SessionSource& gated, Scheduler& scheduler, std::size_t replica)
      : gated_(gated), scheduler_(scheduler), replica_(replica) {}
  std::unique_ptr<runner::Session> acquire(std::chrono::milliseconds patience) override;

 private:
  runner::SessionSource& gated_;
  Scheduler& scheduler_;
  const std::size_t replica_;
  std::atomic<std::size_t> next_{0};
};

}  // namespace gauntlet::schedule
