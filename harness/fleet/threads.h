// Concurrent copies of a runner as threads of this process: started, released, always collected.
#pragma once

#include "harness/gate/recorder.h"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>

namespace gauntlet::fleet {

/// Waits until one more replica has ended since the last call, or for that long; false if none has.
using WaitForAnEnd = std::function<bool(std::chrono::milliseconds)>;

/// Thrown by a replica that ends by itself with another code than 0 or 1.
struct ExitWith {
  int code = 0;
};

struct ThreadFleet {
  std::size_t replicas = 16;
  std::chrono::milliseconds patience{60'000};
  /// Each replica starts at a moment drawn from `seed` within this time.
  std::chrono::milliseconds stagger_max{0};
  std::uint64_t seed = 0;

  /// What a replica does, on its own thread. It throws what failed; it should leave when
  /// `interrupt_fd` becomes readable.
  std::function<void(std::size_t replica, int interrupt_fd)> act;
  /// What happens beside them, on the caller's thread, once all are started; may be empty.
  std::function<void(const WaitForAnEnd&)> meanwhile = {};
  /// Called once, on the caller's thread, before the first replica is interrupted at its deadline.
  std::function<void()> before_overdue = {};
  /// Called on the caller's thread, again and again, while a replica has not left after its
  /// deadline: it must take from them whatever they wait for.
  std::function<void()> when_overdue = {};
};

/// Runs them all to their end. A replica that throws an Error ends with exit 1 and the error as its
/// output; one that was not done in time counts as killed.
void run_threads(const ThreadFleet& fleet, gate::Recorder& recorder);

}  // namespace gauntlet::fleet
