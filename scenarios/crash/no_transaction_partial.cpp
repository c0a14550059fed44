#include "scenarios/fixtures.h"
#include "scenarios/scenarios.h"

namespace gauntlet::scenarios {

scenario::Scenario no_transaction_partial() {
  const fault::Fault dies{.sql_has = "CREATE INDEX CONCURRENTLY",
                          .ruling = {.what = core::Ruling::What::die_before}};
  return {.id = "crash/no-transaction-partial",
          .claim =
              "a migration outside a transaction that died between two statements is reported, and "
              "no statement of it is repeated blindly",
          .why =
              "its first statements are committed; a runner that starts again pays the interest "
              "twice, and one that records the migration skips the rest",
          .stages = {{.name = "first release",
                      .files = {accounts_file()},
                      .replicas = 1,
                      .oracles = {"all-succeed", "set-equality"}},
                     {.name = "dies between two statements",
                      .files = {{"002_cents_index.up.sql",
                                 "-- gauntlet: no-transaction\nINSERT INTO journal VALUES (2);\n"
                                 "CREATE INDEX CONCURRENTLY accounts_cents ON accounts(cents);\n"}},
                      .replicas = 1,
                      .oracles = {"no-lock-left"},
                      .faults = {dies},
                      .faults_fit_any_program = true},
                     {.name = "the next start",
                      .replicas = 2,
                      .oracles = {"clear-error", "idempotent", "applied-once", "no-lock-left"},
                      .expected_error = "in-progress"},
                     {.name = "goes on with it",
                      .replicas = 1,
                      .oracles = {"all-succeed", "applied-once", "set-equality",
                                  "schema-equals-serial", "no-invalid-index", "no-lock-left"},
                      .call = {.action = scenario::Action::resume, .amount = 2}}},
          .refusal = scenario::Scenario::Refusal::by_any_or_applied};
}

}  // namespace gauntlet::scenarios
