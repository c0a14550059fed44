#include "scenarios/fixtures.h"
#include "scenarios/scenarios.h"

namespace gauntlet::scenarios {

scenario::Scenario bootstrap() {
  return {.id = "concurrency/bootstrap",
          .claim = "16 replicas create schema and tracker once, and the next run still works",
          .why =
              "CREATE … IF NOT EXISTS is not atomic between sessions: the first deploy of an "
              "environment fails with a duplicate key on the catalogue",
          .stages = {{.name = "first deploy",
                      .files = orders_files(),
                      .table = "new tenant.applied-set",
                      .oracles = deploy_oracles()},
                     {.name = "restart",
                      .table = "new tenant.applied-set",
                      .oracles = {"all-succeed", "set-equality", "idempotent"}}},
          .fixture = scenario::Fixture::replaceable};
}

}  // namespace gauntlet::scenarios
