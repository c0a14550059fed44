#include "harness/verify/fleet_world.h"

#include "harness/oracle/guilt.h"

#include <utility>

namespace gauntlet::verify {

FleetWorld::FleetWorld(const arena::Database& database, std::size_t replicas,
                       const arena::Arena& arena)
    : replicas_(replicas),
      conditions_(database, {.replicas = replicas,
                             .serves_itself = arena::servers_share_our_account(arena)}) {}

core::Judgement FleetWorld::excuse(core::Judgement judgement, const core::History& history,
                                   const std::vector<int>& success_codes) const {
  const oracle::World world{.replicas = replicas_,
                            .sessions_allowed = conditions_.sessions_allowed(),
                            .server_was_lost = conditions_.server_was_lost(),
                            .server_log = conditions_.server_log()};
  const auto failures = oracle::failures_of(history, success_codes, world);
  const auto excuse = oracle::excuse_in(failures, world);
  return excuse ? oracle::excused(std::move(judgement), *excuse) : judgement;
}

}  // namespace gauntlet::verify
