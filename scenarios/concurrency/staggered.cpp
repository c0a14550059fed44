#include "scenarios/fixtures.h"
#include "scenarios/scenarios.h"

namespace gauntlet::scenarios {

scenario::Scenario staggered() {
  return {.id = "concurrency/staggered",
          .claim = "replicas that arrive within half a second of one another apply everything once",
          .why = "a rolling deploy never starts its replicas at one moment",
          .stages = {{.name = "first release",
                      .files = {accounts_file()},
                      .replicas = 1,
                      .oracles = {"all-succeed", "set-equality"}},
                     {.name = "second release",
                      .files = interest_files(),
                      .arrival = scenario::Arrival::staggered,
                      .oracles = deploy_oracles()}}};
}

}  // namespace gauntlet::scenarios
