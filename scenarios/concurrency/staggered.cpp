#include "scenarios/fixtures.h"
#include "scenarios/scenarios.h"

namespace gauntlet::scenarios {

scenario::Scenario staggered() {
  return {.id = "concurrency/staggered",
          .claim = "replicas that arrive within half a second of one another apply everything once",
          .why = "a rolling deploy never starts its replicas at the same moment",
          .stages = two_releases(scenario::Arrival::staggered),
          .fixture = scenario::Fixture::replaceable};
}

}  // namespace gauntlet::scenarios
