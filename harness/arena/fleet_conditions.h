// What server and machine allow a fleet: read before the fleet starts, and again after it ended.
// One thread at a time.
#pragma once

#include "harness/arena/arena.h"
#include "harness/arena/capacity.h"
#include "harness/arena/server_watch.h"

#include <cstddef>
#include <optional>
#include <string>

namespace gauntlet::arena {

class FleetConditions {
 public:
  /// Reads the limits. `database` outlives the object. Throws: as session_room().
  FleetConditions(const Database& database, FleetNeeds needs);

  /// Why the fleet cannot run here, with the remedy; nullopt if every limit is high enough.
  const std::optional<std::string>& misfit() const { return misfit_; }
  std::optional<std::size_t> sessions_allowed() const { return sessions_allowed_; }

  /// The server ended, restarted or lost a process to a crash since the limits were read.
  bool server_was_lost() const { return watch_.was_lost(); }
  /// What a throwaway server logged since the limits were read; empty on a given server.
  std::string server_log() const;

 private:
  const Database& database_;
  std::optional<std::size_t> sessions_allowed_;
  std::optional<std::string> misfit_;
  std::size_t log_before_ = 0;  ///< bytes
  ServerWatch watch_;
};

/// Do the processes of `arena`'s servers count against our own process limit? Root's servers run
/// under another account.
bool servers_share_our_account(const Arena& arena);

}  // namespace gauntlet::arena
