// How much a fleet may ask of a server and of this machine: sessions, processes, open files. Read
// before a fleet starts, so that a limit is told as a limit and not as the subject's failure.
// Any thread may call.
#pragma once

#include "harness/arena/address.h"

#include <cstddef>
#include <optional>
#include <string>

namespace gauntlet::arena {

/// What a fleet needs at one moment, at the least.
struct FleetNeeds {
  std::size_t replicas = 1;
  std::size_t sessions_of_one = 1;
  enum class Replica { process, thread } replica = Replica::process;
  /// The server's processes count against our own limit: it is ours, under our own account.
  bool serves_itself = false;
};

/// Sessions that the server lets the address's role open now, beside those that are open.
struct SessionRoom {
  std::size_t sessions = 0;
  std::string limit;   ///< what sets it, in words: `the server allows 15 connections`
  std::string remedy;  ///< `raise max_connections`
};
/// nullopt where the server does not tell. Throws: Error `connect-failed`, StatementError.
std::optional<SessionRoom> session_room(const Address& database);

/// Why a fleet cannot stand, with the remedy: `the server allows 12 connections and 16 replicas
/// were asked for: --replicas 10, or raise max_connections`. nullopt if nothing speaks against it.
/// Throws: as session_room().
std::optional<std::string> misfit(const Address& database, const FleetNeeds& needs);

/// The same for this machine's limits alone (ulimit -u, ulimit -n).
std::optional<std::string> misfit_of_machine(const FleetNeeds& needs);

}  // namespace gauntlet::arena
