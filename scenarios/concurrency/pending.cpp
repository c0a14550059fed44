#include "scenarios/fixtures.h"
#include "scenarios/scenarios.h"

namespace gauntlet::scenarios {

scenario::Scenario pending() {
  return {.id = "concurrency/pending",
          .claim = "16 replicas started together apply the same five migrations exactly once",
          .why =
              "a deploy starts all replicas at once; if two apply the same file, some crash and "
              "the rollout stops half way",
          .stages = {{.name = "deploy", .files = orders_files(), .oracles = deploy_oracles()}},
          .fixture = scenario::Fixture::replaceable};
}

}  // namespace gauntlet::scenarios
