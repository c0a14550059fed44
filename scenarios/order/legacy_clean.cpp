#include "scenarios/fixtures.h"
#include "scenarios/scenarios.h"

namespace gauntlet::scenarios {

scenario::Scenario legacy_clean() {
  return {
      .id = "order/legacy-clean",
      .claim =
          "a database that golang-migrate brought to version 3 continues with 4, under 8 replicas",
      .why =
          "a runner that does not see its predecessor's tracker starts with the first migration, "
          "on tables that exist",
      .stages = {{.name = "taking over",
                  .files = small_and_fourth_files(),
                  .prepare = predecessor_at_three,
                  .replicas = 8,
                  .oracles = deploy_oracles()},
                 {.name = "restart", .oracles = {"all-succeed", "set-equality", "idempotent"}}},
      .subject = scenario::Subject::takes_over};
}

}  // namespace gauntlet::scenarios
