// A pool of connections that replicas share: what an application hands to the runner.
#pragma once

#include "runner/values/session.h"

#include <condition_variable>
#include <memory>
#include <mutex>
#include <vector>

namespace gauntlet::fleet {

/// Lends each of its connections to one borrower at a time; any thread may borrow. Sessions must be
/// back before the pool is gone.
class Pool : public runner::SessionSource {
 public:
  /// Connects `size` times at once. Throws: Error `connect-failed`.
  Pool(runner::SessionSource& source, std::size_t size);

  /// Throws: Error `no-session` if none is back within `patience`.
  std::unique_ptr<runner::Session> acquire(std::chrono::milliseconds patience) override;
  bool outlives_run() const override { return true; }

 private:
  class Lent;
  void take_back(std::unique_ptr<runner::Session> session);

  std::mutex mutex_;
  std::condition_variable returned_;
  std::vector<std::unique_ptr<runner::Session>> free_;
};

}  // namespace gauntlet::fleet
