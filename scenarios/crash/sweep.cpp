#include "scenarios/fixtures.h"
#include "scenarios/scenarios.h"

namespace gauntlet::scenarios {

// Whoever dies after a step, or loses its connection before it, leaves what is left by one who dies
// before the next.
scenario::Scenario sweep() {
  using What = core::Ruling::What;
  return {
      .id = "crash/sweep",
      .claim =
          "if a replica dies or loses its connection before or after any step, one more run "
          "finishes the work",
      .why =
          "pods are killed at any moment; a runner that cannot continue after one of them turns a "
          "lost node into manual work",
      .stages = {{.name = "ends early",
                  .files = small_files(),
                  .replicas = 1,
                  .oracles = {"no-lock-left"}},
                 {.name = "one more run",
                  .replicas = 1,
                  .oracles = {"all-succeed", "applied-once", "set-equality", "data-equals-serial",
                              "schema-equals-serial", "no-invalid-index", "no-lock-left"}}},
      .sweep = {What::die_before, What::lose_after}};
}

}  // namespace gauntlet::scenarios
