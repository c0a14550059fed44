// Sees which relations one server process has locked, and since when, by asking again and again.
// One thread of its own while a file runs; its owner's calls come from one other thread.
#pragma once

#include "harness/arena/address.h"
#include "runner/values/session.h"

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <utility>
#include <vector>

namespace gauntlet::verify {

using Clock = std::chrono::steady_clock;

/// One relation as the samples show it.
struct SeenLock {
  std::string mode;  ///< the strongest that was seen, as pg_locks names it
  Clock::time_point first_seen, last_seen;
};
using SeenLocks = std::map<std::uint32_t, SeenLock>;  ///< by the relation's oid

/// 1 for AccessShareLock … 8 for AccessExclusiveLock; 0 for any other text.
int lock_strength(const std::string& mode);

class LockWatch {
 public:
  /// `address` should be another database than the watched one, so as not to stand in its way.
  LockWatch(const arena::Address& address, int backend_pid);
  ~LockWatch();
  LockWatch(const LockWatch&) = delete;
  LockWatch& operator=(const LockWatch&) = delete;

  /// Starts sampling after `grace`: what is over by then costs nothing.
  void start(std::chrono::milliseconds grace);
  /// Ends it and returns what was seen since start().
  SeenLocks stop();

  /// Why nothing can be sampled any more; empty while all is well.
  std::string failure() const;

 private:
  enum class State { resting, watching, ending };
  using Sample = std::vector<std::pair<std::uint32_t, std::string>>;

  void run();
  void run_once(std::unique_lock<std::mutex>& lock);
  Sample ask();
  void note(const Sample& sample, Clock::time_point at);

  arena::Address address_;
  int backend_pid_;
  mutable std::mutex mutex_;
  std::condition_variable changed_;
  State state_ = State::resting;
  bool asking_ = false;
  Clock::time_point due_;
  std::string failure_;
  std::unique_ptr<runner::Session> session_;  ///< the thread's own; opened at the first sample
  SeenLocks seen_;
  std::thread thread_;
};

}  // namespace gauntlet::verify
