#include "scenarios/fixtures.h"
#include "scenarios/scenarios.h"

namespace gauntlet::scenarios {

scenario::Scenario holder_dies() {
  return {
      .id = "crash/holder-dies",
      .claim = "when the replica that migrates is killed, one of those that wait takes over",
      .why =
          "a lock that is a committed row, or a wake-up that only the living send, leaves "
          "fifteen replicas waiting for one that is gone",
      .stages = {{.name = "deploy",
                  .files = orders_files(),
                  .oracles = {"someone-succeeds", "applied-once", "order", "set-equality",
                              "data-equals-serial", "schema-equals-serial", "no-lock-left",
                              "mutual-exclusion", "pinned"},
                  .holds = {{.sql_has = "CREATE TABLE orders"}},
                  .faults = {{.sql_has = "CREATE TABLE orders",
                              .ruling = {.what = core::Ruling::What::die_before}}}},
                 {.name = "restart", .oracles = {"all-succeed", "set-equality", "idempotent"}}}};
}

}  // namespace gauntlet::scenarios
