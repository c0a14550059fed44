#include "harness/arena/fleet_conditions.h"

#include <algorithm>

#include <unistd.h>

namespace gauntlet::arena {

FleetConditions::FleetConditions(const Database& database, FleetNeeds needs)
    : database_(database),
      misfit_(arena::misfit(database.loopback(), needs)),
      log_before_(database.server_log().size()),
      watch_(database.maintenance()) {
  if (!database.loopback().file().empty()) return;
  if (const auto room = session_room(database.loopback())) sessions_allowed_ = room->sessions;
}

std::string FleetConditions::server_log() const {
  const std::string log = database_.server_log();
  return log.substr(std::min(log_before_, log.size()));
}

bool servers_share_our_account(const Arena& arena) {
  return arena.has_own_servers() && ::geteuid() != 0;
}

}  // namespace gauntlet::arena
