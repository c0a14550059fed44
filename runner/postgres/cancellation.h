// Asking a server to cancel the statement in flight. Belongs to the session's thread.
#pragma once

#include <chrono>
#include <condition_variable>
#include <memory>
#include <mutex>

struct pg_conn;  // libpq's PGconn

namespace gauntlet::runner {

/// Why the statement in flight is being cancelled, and until when that is waited for.
class Cancellation {
 public:
  using Clock = std::chrono::steady_clock;
  enum class Why {
    none,
    interrupted,
    overdue,  ///< its reply did not come within the limit
  };

  /// Of the message that is about to be sent.
  void forget() { why_ = Why::none; }

  /// From now on the statement is to stop within `patience`.
  void begin(Why why, std::chrono::milliseconds patience);

  /// Sends a request, on a connection and a thread of its own: libpq waits for a server that has
  /// stopped for as long as it takes. Nothing is sent while an earlier request is on its way.
  void request(pg_conn* connection);

  /// Call when the statement has ended, however it did: waits until no request is on its way any
  /// more, which would cancel the next statement. False after `patience`.
  bool settle(std::chrono::milliseconds patience) const;

  Why why() const { return why_; }
  bool is_under_way() const { return why_ != Why::none; }
  bool is_too_late() const { return Clock::now() > deadline_; }

 private:
  Why why_ = Why::none;
  Clock::time_point deadline_;
  struct Requests {
    std::mutex mutex;
    std::condition_variable changed;
    bool is_on_its_way = false;
  };
  std::shared_ptr<Requests> requests_ = std::make_shared<Requests>();
};

}  // namespace gauntlet::runner
