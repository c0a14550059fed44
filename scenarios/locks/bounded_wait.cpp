#include "scenarios/fixtures.h"
#include "scenarios/scenarios.h"

namespace gauntlet::scenarios {

scenario::Scenario bounded_wait() {
  return {.id = "locks/bounded-wait",
          .claim =
              "if a lock is never released, the wait ends after the time that was set, and the "
              "error names the holder",
          .why =
              "a replica that waits without end looks like one that starts slowly; nobody learns "
              "which session to end",
          .stages = {{.name = "deploy",
                      .files = {accounts_file()},
                      .replicas = 4,
                      .foreign_lock =
                          scenario::ForeignLock{.until = scenario::ForeignLock::Until::all_ended},
                      .oracles = {"clear-error", "idempotent", "no-lock-left"},
                      .expected_error = "lock-timeout",
                      .lock_wait = std::chrono::milliseconds(400)}},
          .refusal = scenario::Scenario::Refusal::by_any};
}

}  // namespace gauntlet::scenarios
