#include "scenarios/fixtures.h"
#include "scenarios/scenarios.h"

namespace gauntlet::scenarios {

scenario::Scenario unlock_false() {
  const fault::Fault false_for_true{
      .sql_has = "pg_advisory_unlock(",
      .ruling = {.what = core::Ruling::What::rewrite, .text = "SELECT 'false'"}};
  return {.id = "locks/unlock-false",
          .claim = "the runner notices when the server returns false from unlock",
          .why =
              "the lock was lost before the work was done, or stays on the connection; without an "
              "error nobody learns it until a deploy waits without end",
          .stages = {{.name = "deploy",
                      .files = {accounts_file()},
                      .replicas = 1,
                      .connections = 1,
                      .oracles = {"clear-error", "unlock-confirmed", "applied-once"},
                      .faults = {false_for_true},
                      .unlock_is_false = true,
                      .expected_error = "not-unlocked"}},
          .pool = scenario::Pool::left_out,
          .claims = {"unlock-confirmed"},
          .refusal = scenario::Scenario::Refusal::by_any_or_applied};
}

}  // namespace gauntlet::scenarios
