#include "scenarios/fixtures.h"
#include "scenarios/scenarios.h"

namespace gauntlet::scenarios {

scenario::Scenario session_lost() {
  const fault::Fault terminated{
      .sql_has = "CREATE TABLE orders",
      .ruling = {.what = core::Ruling::What::rewrite,
                 .text = "SELECT pg_catalog.pg_terminate_backend(pg_catalog.pg_backend_pid())"}};
  return {.id = "locks/session-lost",
          .claim =
              "a replica whose session is ended runs no further statement, and another replica "
              "continues",
          .why =
              "a driver that reconnects by itself continues without the lock, beside the replica "
              "that holds it now",
          .stages = {{.name = "deploy",
                      .files = orders_files(),
                      .replicas = 4,
                      .oracles = {"someone-succeeds", "applied-once", "order", "set-equality",
                                  "data-equals-serial", "schema-equals-serial", "no-lock-left",
                                  "mutual-exclusion", "pinned"},
                      .faults = {terminated},
                      .faults_fit_any_program = true},
                     {.name = "restart",
                      .replicas = 4,
                      .oracles = {"all-succeed", "set-equality", "idempotent"}}}};
}

}  // namespace gauntlet::scenarios
