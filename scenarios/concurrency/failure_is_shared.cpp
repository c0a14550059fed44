#include "scenarios/fixtures.h"
#include "scenarios/scenarios.h"

namespace gauntlet::scenarios {

scenario::Scenario failure_is_shared() {
  return {.id = "concurrency/failure-is-shared",
          .claim =
              "when a migration fails, one replica has tried it; every waiter names that replica "
              "and ends",
          .why =
              "if 32 replicas each run into the same lock_timeout, one after another, the tables "
              "stay locked long after the deploy has failed",
          .stages = {{.name = "first release",
                      .files = {accounts_file()},
                      .replicas = 1,
                      .oracles = {"all-succeed", "set-equality"}},
                     {.name = "second release",
                      .files = {{"002_fails.up.sql",
                                 "INSERT INTO journal VALUES (2);\nSELECT pg_sleep(0.2);\n"
                                 "SELECT 1 / 0;\n"}},
                      .replicas = 8,
                      .oracles = {"clear-error", "idempotent", "mutual-exclusion", "no-lock-left",
                                  "failure-told"},
                      .holds = {{.sql_has = record_statement}},
                      .expected_error = "failed-elsewhere"}}};
}

}  // namespace gauntlet::scenarios
