#include "scenarios/fixtures.h"
#include "scenarios/scenarios.h"

namespace gauntlet::scenarios {

scenario::Scenario paused_holder() {
  return {
      .id = "crash/paused-holder",
      .claim = "a holder that is paused (SIGSTOP) and resumes does not corrupt anything",
      .why =
          "a virtual machine is paused, a disk is full, a debugger stops it: the holder's lease "
          "ends, another replica migrates, and then the first one resumes in the middle of its "
          "work",
      .stages = {{.name = "deploy",
                  .files = orders_files(),
                  .replicas = 4,
                  .oracles = deploy_oracles(),
                  .holds = {{.sql_has = record_statement,
                             .until = scenario::Hold::Until::another_ended,
                             .at_most = std::chrono::milliseconds(1'500)}}},
                 {.name = "a process that is stopped",
                  .files = {{"006_slowly.up.sql",
                             "INSERT INTO journal VALUES (6);\nSELECT pg_sleep(0.3) AS slowly;\n"},
                            {"007_next.up.sql",
                             "CREATE TABLE next(x int);\nINSERT INTO journal VALUES (7);\n"}},
                  .replicas = 4,
                  .oracles = {"all-succeed", "applied-once", "order", "set-equality",
                              "data-equals-serial", "schema-equals-serial", "no-lock-left"},
                  .as = scenario::As::processes,
                  .first_is = scenario::SeenHarm{.what = scenario::SeenHarm::What::paused,
                                                 .at = "AS slowly"}}}};
}

}  // namespace gauntlet::scenarios
