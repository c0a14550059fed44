// What the world did while a fleet ran: limits that it could not keep, a server that was lost.
// Asked before a race and after it. One thread at a time.
#pragma once

#include "harness/arena/fleet_conditions.h"
#include "harness/core/history.h"
#include "harness/core/verdict.h"

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

namespace gauntlet::verify {

class FleetWorld {
 public:
  /// Reads the limits of the server, of the role and of this machine for so many replicas.
  FleetWorld(const arena::Database& database, std::size_t replicas, const arena::Arena& arena);

  /// Why so many replicas cannot stand here, with the remedy; nullopt if nothing speaks against it.
  const std::optional<std::string>& misfit() const { return conditions_.misfit(); }

  /// `judgement` of the fleet, without what the world did: see oracle::excused(). When the server
  /// was lost, nothing that the database shows afterwards counts either.
  core::Judgement excuse(core::Judgement judgement, const core::History& history,
                         const std::vector<int>& success_codes) const;

 private:
  std::size_t replicas_;
  arena::FleetConditions conditions_;
};

}  // namespace gauntlet::verify
