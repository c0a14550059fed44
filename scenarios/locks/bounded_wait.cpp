#include "scenarios/fixtures.h"
#include "scenarios/scenarios.h"

namespace gauntlet::scenarios {

scenario::Scenario bounded_wait() {
  return {.id = "locks/bounded-wait",
          .claim =
              "a lock that is never given back ends the wait after a time that was set, and the "
              "error names who holds it",
          .why =
              "a replica that waits for ever looks like one that starts slowly; nobody is told "
              "which session to end",
          .stages = {{.name = "deploy",
                      .files = {accounts_file()},
                      .replicas = 4,
                      .foreign_lock =
                          scenario::ForeignLock{.until = scenario::ForeignLock::Until::all_ended},
                      .oracles = {"clear-error", "idempotent", "no-lock-left"},
                      .expected_error = "lock-timeout",
                      .lock_wait = std::chrono::milliseconds(400)}}};
}

}  // namespace gauntlet::scenarios
