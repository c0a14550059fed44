#include "scenarios/fixtures.h"
#include "scenarios/scenarios.h"

namespace gauntlet::scenarios {

scenario::Scenario legacy_live() {
  return {
      .id = "order/legacy-live",
      .claim = "a predecessor that still migrates is waited for, and what it then says is taken",
      .why =
          "in a rolling deploy the old release's job still runs: what its tracker said before "
          "its commit is not true after it",
      .stages = {{.name = "taking over",
                  .files = small_and_fourth_files(),
                  .prepare = predecessor_at_three,
                  .replicas = 2,
                  .oracles = {"all-succeed", "applied-once", "set-equality", "schema-equals-serial",
                              "mutual-exclusion", "no-lock-left"},
                  .bystander =
                      scenario::Bystander{
                          .sql = "UPDATE schema_migrations SET version = 4;"
                                 "CREATE TABLE fourth(x int);INSERT INTO journal VALUES (4)"}}},
      .subject = scenario::Subject::takes_over};
}

}  // namespace gauntlet::scenarios
