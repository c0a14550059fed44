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
#include <functional>
#include <optional>
#include <set>
#include <vector>

namespace gauntlet::fleet {

class WireFleet {
 public:
  using Pooling = proxy::Options::Pooling;
  struct Options {
    ProcessFleet::Start start = ProcessFleet::Start::held;
    std::chrono::milliseconds held_at_most{60'000};  ///< a step at the gate
    /// How long what the server runs for a client that has gone may run on.
    std::chrono::milliseconds orphan_patience = proxy::Options().orphan_patience;
    Pooling pooling = Pooling::none;
    /// Is told that a replica has ended.
    std::function<void(std::size_t replica)> when_ended = {};
  };

  /// One copy of each subject; they, the gate and the recorder outlive it.
  /// Throws: Error `cannot-start`, `connect-failed`, `cannot-listen`.
  WireFleet(const std::vector<const Subject*>& subjects, const arena::Database& database,
            const std::filesystem::path& migrations, gate::AsyncGate& gate,
            gate::Recorder& recorder, Options options);

  ProcessFleet& processes() { return processes_; }

  /// Waits until all that replicas had sent before the call has reached the gate.
  bool wait_for_what_was_sent(std::chrono::milliseconds patience) {
    return proxy_.wait_for_turn(patience);
  }

  /// As ProcessFleet does; then waits until the server has let go of their sessions, and puts what
  /// they said into the history.
  void finish_within(std::chrono::milliseconds patience,
                     const std::optional<StandstillOptions>& standstill = {});
  /// How the last finish_within() found them.
  const std::optional<core::Standstill>& standstill() const { return standstill_; }

 private:
  std::set<int> ports() const;

  const arena::Database& throwaway_;
  const arena::Address database_;
  const std::size_t replicas_;
  gate::Recorder& recorder_;
  proxy::Proxy proxy_;
  proxy::ProxyThread running_;
  ProcessFleet processes_;
  std::optional<core::Standstill> standstill_;
};

/// So many copies of a program, to their end or until `patience` is over; those that are held are
/// released together; they are ended, too, once they stand still as `standstill` has it. The
/// history has what the processes did and said, and what their sessions did. Throws: Error
/// `connect-failed`, `cannot-listen`; `cannot-start`, where a held one ends with 127.
core::History run_on_the_wire(const Subject& subject, const arena::Database& database,
                              const std::filesystem::path& migrations, std::size_t replicas,
                              std::chrono::milliseconds patience,
                              ProcessFleet::Start start = ProcessFleet::Start::held,
                              const std::optional<StandstillOptions>& standstill = {});

}  // namespace gauntlet::fleet
