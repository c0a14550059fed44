#include "scenarios/fixtures.h"
#include "scenarios/scenarios.h"

namespace gauntlet::scenarios {

scenario::Scenario holder_dies() {
  return {
      .id = "crash/holder-dies",
      .claim = "when the holder is killed, a waiter takes over",
      .why =
          "if the lock is a committed row, or only a living holder wakes the waiters, fifteen "
          "replicas wait for one that is dead",
      .stages = {{.name = "deploy",
                  .files = orders_files(),
                  .oracles = {"someone-succeeds", "applied-once", "order", "set-equality",
                              "data-equals-serial", "schema-equals-serial", "no-lock-left",
                              "mutual-exclusion", "pinned"},
                  .holds = {{.sql_has = "CREATE TABLE orders"}},
                  .faults = {{.sql_has = "CREATE TABLE orders",
                              .ruling = {.what = core::Ruling::What::die_before}}},
                  .first_of_program_is = scenario::SeenHarm{.at = "pg_sleep"}},
                 {.name = "restart", .oracles = {"all-succeed", "set-equality", "idempotent"}}}};
}

}  // namespace gauntlet::scenarios
