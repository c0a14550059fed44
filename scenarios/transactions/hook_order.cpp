#include "scenarios/fixtures.h"
#include "scenarios/scenarios.h"

namespace gauntlet::scenarios {

scenario::Scenario hook_order() {
  return {.id = "transactions/hook-order",
          .claim = "a hook runs once, before its migration and after the migrations before it",
          .why =
              "a hook stops writers, or copies what the migration drops; after the migration it "
              "has no use",
          .stages = {{.name = "deploy",
                      .files = {accounts_file(),
                                {"002_seen.up.sql",
                                 "INSERT INTO journal VALUES (2);\nCREATE TABLE seen AS\n"
                                 "  SELECT count(*) AS calls FROM accounts WHERE cents = 0;\n"}},
                      .replicas = 8,
                      .oracles = deploy_oracles(),
                      .hooks = {{.version = 2, .sql = "INSERT INTO accounts VALUES (100, 0)"}}},
                     {.name = "restart",
                      .replicas = 4,
                      .oracles = {"all-succeed", "set-equality", "idempotent"},
                      .hooks = {{.version = 2, .sql = "INSERT INTO accounts VALUES (100, 0)"}}}}};
}

}  // namespace gauntlet::scenarios
