#include "harness/verify/fleet_world.h"

#include "harness/arena/capacity.h"
#include "harness/oracle/guilt.h"

#include <utility>

#include <unistd.h>

namespace gauntlet::verify {

FleetWorld::FleetWorld(const arena::Database& database, std::size_t replicas, bool is_ephemeral)
    : replicas_(replicas), watch_(database.maintenance()) {
  // Root's server runs under another account, whose limits are not ours.
  misfit_ = arena::misfit(database.loopback(),
                          {.replicas = replicas, .serves_itself = is_ephemeral && geteuid() != 0});
  if (const auto room = arena::session_room(database.loopback()))
    sessions_allowed_ = room->sessions;
}

core::Judgement FleetWorld::excuse(core::Judgement judgement, const core::History& history,
                                   const std::vector<int>& success_codes) const {
  const bool was_lost = watch_.was_lost();
  const auto failures = oracle::failures_of(
      history, success_codes,
      {.replicas = replicas_, .sessions_allowed = sessions_allowed_, .server_was_lost = was_lost});
  if (const auto excuse = oracle::excuse_in(failures))
    return oracle::excused(std::move(judgement), *excuse);
  if (!was_lost) return judgement;
  return oracle::excused(std::move(judgement),
                         {.guilt = oracle::Guilt::environment,
                          .cause = "the server ended or restarted during the run",
                          .remedy = "read the server's log, then run it again"});
}

}  // namespace gauntlet::verify
