#include "scenarios/fixtures.h"
#include "scenarios/scenarios.h"

namespace gauntlet::scenarios {

scenario::Scenario lost_commit_reply() {
  const fault::Fault lost{.sql_has = "CREATE TABLE orders",
                          .ruling = {.what = core::Ruling::What::lose_after}};
  return {.id = "crash/lost-commit-reply",
          .claim = "a runner that does not receive the reply to COMMIT applies nothing twice",
          .why =
              "the network drops between COMMIT and its reply: a runner that assumes failure, or "
              "success, is wrong half of the time",
          .stages = {{.name = "deploy",
                      .files = orders_files(),
                      .replicas = 2,
                      .oracles = {"someone-succeeds", "applied-once", "order", "set-equality",
                                  "data-equals-serial", "schema-equals-serial", "no-lock-left",
                                  "mutual-exclusion"},
                      .faults = {lost},
                      .faults_fit_any_program = true},
                     {.name = "restart",
                      .replicas = 2,
                      .oracles = {"all-succeed", "set-equality", "idempotent"}}}};
}

}  // namespace gauntlet::scenarios
