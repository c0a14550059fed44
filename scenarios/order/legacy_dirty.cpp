#include "scenarios/fixtures.h"
#include "scenarios/scenarios.h"

namespace gauntlet::scenarios {

scenario::Scenario legacy_dirty() {
  static const std::string dirty =
      std::string(predecessor_at_three) + ";UPDATE schema_migrations SET dirty = true";
  return {.id = "order/legacy-dirty",
          .claim =
              "a predecessor's tracker that is dirty is not taken over, and the error says how to "
              "mend it",
          .why =
              "half of its migration is there; a runner that counts the migration as applied, or "
              "as pending, is wrong about the other half",
          .stages = {{.name = "taking over",
                      .files = small_and_fourth_files(),
                      .prepare = dirty,
                      .replicas = 2,
                      .oracles = {"clear-error", "idempotent", "no-lock-left"},
                      .expected_error = "legacy-dirty"}},
          .subject = scenario::Subject::takes_over,
          .refusal = scenario::Scenario::Refusal::by_any};
}

}  // namespace gauntlet::scenarios
