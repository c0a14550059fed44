// The in-process door: a Session, PostgreSQL or SQLite, whose every step is recorded and stops at
// the gate. As a Session, it belongs to one thread at a time.
#pragma once

#include "harness/gate/gate.h"
#include "harness/gate/recorder.h"
#include "runner/values/session.h"

#include <atomic>
#include <chrono>
#include <exception>
#include <memory>

namespace gauntlet::gate {

/// Thrown through the runner where the gate ruled that the replica dies. No Error, and no
/// std::exception, so that no handler of the runner's takes it for a failing migration.
struct ReplicaDied {};

/// What all sessions of one run share; outlives them.
struct Doorway {
  Gate& gate;
  Recorder& recorder;
  std::chrono::milliseconds patience{60'000};
};

/// Closes the connection under a session at once, as a dead client does.
std::unique_ptr<runner::Session> gated(std::unique_ptr<runner::Session> session,
                                       const Doorway& doorway, core::SessionId id);

/// Hands out gated sessions of `sessions` for one replica, numbered from 0.
class GatedSource : public runner::SessionSource {
 public:
  GatedSource(runner::SessionSource& sessions, const Doorway& doorway, std::size_t replica)
      : sessions_(sessions), doorway_(doorway), replica_(replica) {}

  std::unique_ptr<runner::Session> acquire(std::chrono::milliseconds patience) override;
  bool outlives_run() const override { return sessions_.outlives_run(); }

 private:
  runner::SessionSource& sessions_;
  const Doorway& doorway_;
  std::size_t replica_;
  std::atomic<std::size_t> next_{0};
};

}  // namespace gauntlet::gate
