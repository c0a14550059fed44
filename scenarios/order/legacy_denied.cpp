#include "scenarios/fixtures.h"
#include "scenarios/scenarios.h"

namespace gauntlet::scenarios {

scenario::Scenario legacy_denied() {
  return {
      .id = "order/legacy-denied",
      .claim = "a predecessor's tracker that the role may not read is not treated as missing",
      .why =
          "the new role lacks one grant: a runner that then assumes a fresh database starts with "
          "the first migration again",
      .stages = {{.name = "taking over",
                  .files = small_and_fourth_files(),
                  .prepare = predecessor_at_three,
                  .replicas = 1,
                  .oracles = {"clear-error", "idempotent", "no-lock-left"},
                  .faults = {{.sql_has = "dirty::text FROM",
                              .ruling = {.what = core::Ruling::What::refuse,
                                         .text = "permission denied for table schema_migrations",
                                         .sqlstate = "42501"}}},
                  .expected_error = "cannot-prepare-tracker"}}};
}

}  // namespace gauntlet::scenarios
