// What a run does while another holds the migration lock. Belongs to the session's thread.
#pragma once

#include "runner/turn/lock.h"
#include "runner/values/lock.h"
#include "runner/values/run.h"

#include <chrono>
#include <string>
#include <vector>

namespace gauntlet::runner {

/// Waits on the socket, with no transaction open, and says every few seconds for whom.
class Waiter {
 public:
  /// The session listens already; the options and the observer outlive the waiter.
  Waiter(Session& session, const Lock& lock, const RunOptions& options, const Observer& observer);

  enum class Told { that_all_is_applied, to_try_again };
  /// Returns when it is worth to try again (told, interrupted, or after the fallback's time), or
  /// when all of `ours` is applied, and nothing else, so that nothing is left to be read.
  /// Throws: Error `lock-timeout`; `failed-elsewhere` if the holder failed at one of `ours`.
  Told wait(const std::vector<Migration>& ours);

  /// What was told and not looked at yet. Throws: `failed-elsewhere`.
  void heed_what_was_told(const std::vector<Migration>& ours);

  /// Code `lock-timeout`, with who holds the lock now.
  Error timed_out() const;

 private:
  void say_for_whom();
  std::chrono::milliseconds waited() const;

  Session& session_;
  const Lock& lock_;
  const RunOptions& options_;
  const Observer& observer_;
  std::chrono::steady_clock::time_point start_;
  std::chrono::steady_clock::time_point next_word_;
  Fallback fallback_;
};

}  // namespace gauntlet::runner
