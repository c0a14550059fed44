// Copies of a program that make no progress: they use no time of the CPU, the database does nothing
// for them and sees no new statement, and it is not somebody else who keeps them waiting. Looked at
// once a second from outside, in /proc and on the server's maintenance database. One thread.
#pragma once

#include "harness/arena/arena.h"
#include "harness/core/history.h"
#include "harness/fleet/process_tree.h"

#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <set>
#include <vector>

#include <sys/types.h>

namespace gauntlet::fleet {

class StandstillServer;

struct StandstillOptions {
  /// Without progress for so long, it stands still; four times that where it may wait for something
  /// that cannot be seen, as one that looks again and again.
  std::chrono::milliseconds idle{15'000};
  /// A timed wait that ends within this is let end.
  std::chrono::milliseconds sleep_max{120'000};
  /// Is all done that it was started for? Called when it has been idle. Empty: not known.
  std::function<bool()> is_done = {};
};

/// The TCP ports of addresses.
std::set<int> ports_of(const std::vector<arena::Address>& addresses);

class StandstillWatch {
 public:
  /// `database_ports`: those by which the copies reach it. Both outlive the watch.
  StandstillWatch(const arena::Database& database, std::set<int> database_ports,
                  const StandstillOptions& options);
  ~StandstillWatch();
  StandstillWatch(const StandstillWatch&) = delete;
  StandstillWatch& operator=(const StandstillWatch&) = delete;

  /// Looks at the copies with these leading processes. Nullopt while they make progress, or may.
  std::optional<core::Standstill> look(const std::set<pid_t>& leaders);

 private:
  std::optional<core::Standstill> decide(const TreeActivity& now);
  bool has_progressed(const TreeActivity& now);

  const StandstillOptions& options_;
  const std::set<int> ports_;
  const std::unique_ptr<StandstillServer> server_;
  std::chrono::steady_clock::time_point since_ = std::chrono::steady_clock::now();
  TreeActivity then_;          ///< when it last made progress
  std::set<pid_t> started_;    ///< processes that came since then
  bool is_suspected_ = false;  ///< by the look before
};

}  // namespace gauntlet::fleet
