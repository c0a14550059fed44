// Which given servers we are guests on, so that the databases that we made there can be given back:
// by us, at the end of an interrupted program, or by whoever comes after a killed one. Any thread.
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

  /// Held by whoever begins to make databases; never given again once all are given back.
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
