// What an interrupted program still does: it gives back what would outlive it, and ends by the
// signal.
//
// Made first in main(), before any thread: from then on SIGINT, SIGTERM and SIGHUP reach only the
// watching thread. Servers need nothing from it: their keepers see our end.
#pragma once

#include "harness/process/fd.h"

#include <chrono>
#include <thread>

namespace gauntlet::arena {

class InterruptGuard {
 public:
  InterruptGuard();
  ~InterruptGuard();  ///< the signals act again as they did before
  InterruptGuard(const InterruptGuard&) = delete;
  InterruptGuard& operator=(const InterruptGuard&) = delete;

 private:
  void watch() const;

  process::Fd signals_, over_;
  std::thread thread_;
};

/// While one exists, the first signal ends nothing: it is only noted, so that what was found can be
/// reported. A second signal, or no end within `patience` after the first, ends the program as
/// without it. Without an InterruptGuard it does nothing.
class InterruptNote {
 public:
  explicit InterruptNote(std::chrono::seconds patience);
  ~InterruptNote();
  InterruptNote(const InterruptNote&) = delete;
  InterruptNote& operator=(const InterruptNote&) = delete;

  /// Any thread.
  bool is_noted() const;
  /// From now on the first signal ends the program.
  void stop();
};

}  // namespace gauntlet::arena
