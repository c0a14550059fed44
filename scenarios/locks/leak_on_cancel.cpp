#include "scenarios/fixtures.h"
#include "scenarios/scenarios.h"

namespace gauntlet::scenarios {

scenario::Scenario leak_on_cancel() {
  using Until = scenario::ForeignLock::Until;
  return {.id = "locks/leak-on-cancel",
          .claim =
              "a run that is interrupted while it waits, applies or unlocks leaves no lock and no "
              "transaction on the connection",
          .why =
              "an aborted rollout sends SIGTERM in the middle; a lock or transaction that stays "
              "stops the next one",
          .stages = {{.name = "while it waits",
                      .files = {accounts_file()},
                      .replicas = 1,
                      .connections = 1,
                      .foreign_lock = scenario::ForeignLock{.until = Until::all_ended},
                      .oracles = {"no-lock-left", "idempotent"},
                      .interrupted_at = "LISTEN",
                      .expected_error = "interrupted"},
                     {.name = "while it applies",
                      .files = {{"002_slow.up.sql",
                                 "INSERT INTO journal VALUES (2);\nSELECT pg_sleep(0.8);\n"}},
                      .replicas = 1,
                      .connections = 1,
                      .oracles = {"clear-error", "no-lock-left"},
                      .interrupted_at = "pg_sleep(0.8)",
                      .expected_error = "interrupted",
                      .first_of_program_is =
                          scenario::SeenHarm{.what = scenario::SeenHarm::What::asked_to_end,
                                             .at = "pg_sleep(0.8)"}},
                     {.name = "while it unlocks",
                      .replicas = 1,
                      .connections = 1,
                      .oracles = {"all-succeed", "set-equality", "applied-once",
                                  "data-equals-serial", "unlock-confirmed", "no-lock-left"},
                      .interrupted_at = "pg_advisory_unlock("}},
          .pool = scenario::Pool::left_out,
          .refusal = scenario::Scenario::Refusal::by_any_or_applied};
}

}  // namespace gauntlet::scenarios
