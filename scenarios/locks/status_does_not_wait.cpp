#include "scenarios/fixtures.h"
#include "scenarios/scenarios.h"

namespace gauntlet::scenarios {

scenario::Scenario status_does_not_wait() {
  using scenario::Action;
  const std::vector<scenario::Beside> others = {{.replicas = 2, .call = {.action = Action::check}},
                                                {.replicas = 2, .call = {.action = Action::plan}}};
  const scenario::ForeignLock held{.until = scenario::ForeignLock::Until::all_ended};
  return {
      .id = "locks/status-does-not-wait",
      .claim = "status, plan and check reply while a migration holds the lock, and write nothing",
      .why =
          "a readiness probe that waits behind a migration of minutes takes every pod out of the "
          "load balancer; one that writes needs rights that a probe should not have",
      .stages = {{.name = "before the first deploy",
                  .files = orders_files(),
                  .replicas = 2,
                  .foreign_lock = held,
                  .oracles = {"all-succeed", "nothing-written", "no-lock-left"},
                  .call = {.action = Action::status},
                  .beside = others,
                  .success_codes = {0, 1}},
                 {.name = "deploy", .replicas = 1, .oracles = {"all-succeed", "set-equality"}},
                 {.name = "after it",
                  .replicas = 2,
                  .foreign_lock = held,
                  .oracles = {"all-succeed", "nothing-written", "no-lock-left"},
                  .call = {.action = Action::status},
                  .beside = others}}};
}

}  // namespace gauntlet::scenarios
