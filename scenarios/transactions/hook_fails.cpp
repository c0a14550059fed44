#include "scenarios/fixtures.h"
#include "scenarios/scenarios.h"

namespace gauntlet::scenarios {

scenario::Scenario hook_fails() {
  const scenario::File second{"002_second.up.sql", "INSERT INTO journal VALUES (2);\n"};
  scenario::Stage fails = refusal("the hook fails", {second}, "hook-failed");
  fails.hooks = {{.version = 2, .sql = "SELECT 1 / 0"}};
  return {.id = "transactions/hook-fails",
          .claim = "a hook that fails stops its migration, and the next run tries both again",
          .why = "a hook could not stop the writers, and the migration runs all the same",
          .stages = {{.name = "first release",
                      .files = {accounts_file()},
                      .replicas = 1,
                      .oracles = {"all-succeed", "set-equality"}},
                     fails,
                     {.name = "the hook succeeds",
                      .replicas = 2,
                      .oracles = deploy_oracles(),
                      .hooks = {{.version = 2, .sql = "INSERT INTO accounts VALUES (100, 0)"}}}}};
}

}  // namespace gauntlet::scenarios
