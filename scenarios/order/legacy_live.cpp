#include "scenarios/fixtures.h"
#include "scenarios/scenarios.h"

namespace gauntlet::scenarios {

scenario::Scenario legacy_live() {
  return {
      .id = "order/legacy-live",
      .claim =
          "a runner waits for a predecessor that still migrates, and reads its tracker afterwards",
      .why =
          "in a rolling deploy the old release's job still runs: after its commit, what the "
          "tracker said before is wrong",
      .stages = {{.name = "taking over",
                  .files = small_and_fourth_files(),
                  .prepare = predecessor_at_three,
                  .replicas = 2,
                  .oracles = {"all-succeed", "applied-once", "set-equality", "schema-equals-serial",
                              "mutual-exclusion", "no-lock-left"},
                  .bystander =
                      scenario::Bystander{
                          .sql = "UPDATE schema_migrations SET version = 4;"
                                 "CREATE TABLE fourth(x int);INSERT INTO journal VALUES (4)",
                          .is_predecessor = true}}},
      .subject = scenario::Subject::takes_over};
}

}  // namespace gauntlet::scenarios
