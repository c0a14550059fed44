// Connections that one schedule after another uses: a server's process takes longer to start than a
// schedule takes. Between two uses a connection is as a new one.
#pragma once

#include "runner/connect.h"
#include "runner/values/session.h"

#include <memory>
#include <mutex>
#include <string>
#include <vector>

namespace gauntlet::schedule {

/// Any thread may borrow and give back.
class ReusedSessions {
 public:
  explicit ReusedSessions(std::string conninfo)
      : source_(runner::sessions_of(std::move(conninfo))) {}

  /// Throws: Error `connect-failed`.
  std::unique_ptr<runner::Session> borrow();
  /// Does what the end of a connection does in the server: open transactions are rolled back, locks
  /// released, settings reset. A session that cannot do that is closed.
  void give_back(std::unique_ptr<runner::Session> session) noexcept;
  /// Closes those that are not lent: their database is about to go.
  void close_all();

 private:
  const std::unique_ptr<runner::SessionSource> source_;
  std::mutex mutex_;
  std::vector<std::unique_ptr<runner::Session>> free_;
};

}  // namespace gauntlet::schedule
