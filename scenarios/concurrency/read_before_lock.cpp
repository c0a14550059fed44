#include "scenarios/fixtures.h"
#include "scenarios/scenarios.h"

namespace gauntlet::scenarios {

scenario::Scenario read_before_lock() {
  return {.id = "concurrency/read-before-lock",
          .claim = "what is pending is decided under the lock",
          .why =
              "who decides before the lock applies, once it has it, what its predecessor has just "
              "applied",
          .stages = two_releases(scenario::Arrival::together),
          .fixture = scenario::Fixture::replaceable};
}

}  // namespace gauntlet::scenarios
