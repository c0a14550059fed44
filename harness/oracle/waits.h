// What a replica waited for when Gauntlet was about to end it. Pure, so safe on any thread.
#pragma once

#include "harness/core/history.h"

#include <cstddef>
#include <optional>
#include <string>

namespace gauntlet::oracle {

struct Wait {
  /// `server process 11 (replica 0) runs `CREATE INDEX …` and waits (Lock virtualxid) for server
  /// process 12 (replica 1), which is idle in transaction after `SELECT …``; empty if nothing was
  /// seen to wait.
  std::string text = {};
  bool is_for_another_replica = false;
};

/// Where it is not known which sessions are the replica's: of all sessions, the first that waits.
Wait wait_of(const core::History& history, std::size_t replica);

/// Whose session the server process was; nullopt where that was not seen.
std::optional<std::size_t> replica_of(const core::History& history, int backend_pid);

}  // namespace gauntlet::oracle
