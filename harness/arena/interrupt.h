// What an interrupted program still does: it gives back what would outlive it, and ends by the
// signal.
//
// Made first in main(), before any thread: from then on SIGINT, SIGTERM and SIGHUP reach only the
// watching thread. Servers need nothing from it: their keepers see our end.
#pragma once

#include "harness/process/fd.h"

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

}  // namespace gauntlet::arena
