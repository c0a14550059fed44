// Which given servers we have databases on, so that an interrupted program drops them at its end.
// What a killed program left, the next one drops. Any thread.
#pragma once

#include "harness/arena/address.h"

#include <chrono>
#include <mutex>
#include <string>

namespace gauntlet::arena {

/// While it lives, we may have databases on the server.
class Visit {
 public:
  explicit Visit(const Address& maintenance);
  ~Visit();
  Visit(const Visit&) = delete;
  Visit& operator=(const Visit&) = delete;

  /// A thread holds it while it opens a control session. give_back_databases() takes it for good:
  /// from then on no thread makes a database.
  static std::unique_lock<std::mutex> lock();

 private:
  const std::string maintenance_;
};

/// For the end of an interrupted program: drops every database of ours on every given server,
/// through new connections, each bounded by `patience`. Keeps new ones from being made. Returns how
/// many.
int give_back_databases(std::chrono::seconds patience) noexcept;

bool can_connect(const Address& address);

}  // namespace gauntlet::arena
