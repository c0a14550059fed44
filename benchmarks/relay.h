// Stands between programs and a server, and adds a fixed time to every round trip: a network as far
// away as one likes, for measurements only. Runs on a thread of its own until it is destroyed.
#pragma once

#include "harness/arena/address.h"
#include "harness/process/fd.h"

#include <chrono>
#include <filesystem>
#include <thread>

namespace gauntlet::benchmarks {

class Relay {
 public:
  /// Listens on a unix socket in `folder`; what it is sent reaches the server half of `round_trip`
  /// later, and so does what comes back.
  Relay(const arena::Address& server, const std::filesystem::path& folder,
        std::chrono::microseconds round_trip);
  ~Relay();
  Relay(const Relay&) = delete;
  Relay& operator=(const Relay&) = delete;

  /// `database` of the server, by way of the relay.
  arena::Address through(const arena::Address& database) const;

 private:
  std::filesystem::path folder_;
  process::Fd listener_, stop_reader_, stop_writer_;
  std::thread thread_;
};

}  // namespace gauntlet::benchmarks
