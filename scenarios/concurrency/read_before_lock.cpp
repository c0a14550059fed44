#include "scenarios/fixtures.h"
#include "scenarios/scenarios.h"

namespace gauntlet::scenarios {

scenario::Scenario read_before_lock() {
  return {.id = "concurrency/read-before-lock",
          .claim = "the pending set is read under the lock",
          .why =
              "a runner that reads the pending set before it has the lock applies again what the "
              "holder before it applied",
          .stages = two_releases(scenario::Arrival::together),
          .fixture = scenario::Fixture::replaceable};
}

}  // namespace gauntlet::scenarios
