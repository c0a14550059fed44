#include "harness/arena/arena.h"
#include "harness/arena/ephemeral.h"
#include "harness/arena/given.h"

namespace gauntlet::arena {

std::unique_ptr<Arena> open(const std::string& database, const ArenaOptions& options) {
  if (database == "ephemeral") return open_ephemeral(options);
  return open_given(Address::parse(database), options);
}

std::unique_ptr<Arena> open_on(const Server& server) {
  return open_given(server.loopback(), {}, &server);
}

}  // namespace gauntlet::arena
