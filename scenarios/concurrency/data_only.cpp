#include "scenarios/fixtures.h"
#include "scenarios/scenarios.h"

namespace gauntlet::scenarios {

scenario::Scenario data_only() {
  return {.id = "concurrency/data-only",
          .claim = "migrations that only change data take effect once under 16 replicas",
          .why =
              "no CREATE TABLE fails and reveals the race: interest is paid twice, every replica "
              "exits 0 and the tracker looks clean",
          .stages = two_releases(scenario::Arrival::together)};
}

}  // namespace gauntlet::scenarios
