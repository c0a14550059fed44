#include "scenarios/fixtures.h"
#include "scenarios/scenarios.h"

namespace gauntlet::scenarios {

scenario::Scenario small_pool() {
  return {.id = "concurrency/small-pool",
          .claim =
              "16 replicas that share 8 connections all finish, and no lock stays on a "
              "connection that goes back to the pool",
          .why =
              "an application migrates through its own pool, whose connections live on: a lock "
              "left on one stops every later deploy",
          .stages = {{.name = "deploy",
                      .files = orders_files(),
                      .connections = 8,
                      .oracles = deploy_oracles()}},
          .fixture = scenario::Fixture::replaceable};
}

}  // namespace gauntlet::scenarios
