// Copies of a program behind the wire door: each has a way of its own into the database, on which
// every statement is a step at the gate, and all that they do is one history.
// One thread, with which the copies die.
#pragma once

#include "harness/arena/arena.h"
#include "harness/fleet/process_fleet.h"
#include "harness/gate/async_gate.h"
#include "harness/gate/recorder.h"
#include "harness/proxy/proxy_thread.h"

#include <chrono>
#include <filesystem>
#include <vector>

namespace gauntlet::verify {

class WireFleet {
 public:
  struct Options {
    fleet::ProcessFleet::Start start = fleet::ProcessFleet::Start::held;
    std::chrono::milliseconds held_at_most{60'000};  ///< a step at the gate
    /// Is told that a replica has ended.
    std::function<void(std::size_t replica)> when_ended = {};
  };

  /// One copy of each subject; they, the gate and the recorder outlive it.
  /// Throws: Error `cannot-start`, `connect-failed`, `cannot-listen`.
  WireFleet(const std::vector<const fleet::Subject*>& subjects, const arena::Database& database,
            const std::filesystem::path& migrations, gate::AsyncGate& gate,
            gate::Recorder& recorder, Options options);

  fleet::ProcessFleet& processes() { return processes_; }

  /// As ProcessFleet does; then waits until the server has let go of their sessions, and puts what
  /// they said into the history.
  void finish_within(std::chrono::milliseconds patience);

 private:
  gate::Recorder& recorder_;
  proxy::Proxy proxy_;
  proxy::ProxyThread running_;
  fleet::ProcessFleet processes_;
};

}  // namespace gauntlet::verify
