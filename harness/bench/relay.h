// Stands between programs and a server, and adds a fixed time to every round trip: a network as far
// away as one likes, for measurements only. Sessions do not wait for one another. Runs on a thread
// of its own until it is destroyed.
#pragma once

#include "harness/arena/address.h"
#include "harness/process/fd.h"

#include <chrono>
#include <filesystem>
#include <thread>

namespace gauntlet::bench {

class Relay {
 public:
  /// Listens on loopback, or, where a folder is given, on a unix socket in it; what it is sent
  /// reaches the server half of `round_trip` later, and so does what comes back. That a connection
  /// is made takes no time: a network would charge one round trip more for that.
  /// Throws: Error `cannot-listen`, `connect-failed`.
  Relay(const arena::Address& server, std::chrono::microseconds round_trip,
        const std::filesystem::path& folder = {});
  ~Relay();
  Relay(const Relay&) = delete;
  Relay& operator=(const Relay&) = delete;

  /// `database` of the server, by way of the relay.
  arena::Address through(const arena::Address& database) const;

 private:
  std::filesystem::path folder_;
  int port_ = 0;
  process::Fd listener_, stop_reader_, stop_writer_;
  std::thread thread_;
};

}  // namespace gauntlet::bench
