#include "scenarios/fixtures.h"
#include "scenarios/scenarios.h"

namespace gauntlet::scenarios {

scenario::Scenario pooler() {
  scenario::Stage refused = refusal("session locks through the pooler", orders_files(), "pooler");
  refused.replicas = 4;
  refused.lock_wait = std::chrono::seconds(10);
  refused.way = scenario::Way::pooler;
  return {.id = "locks/pooler",
          .claim =
              "behind a pooler that lends sessions by transaction, a runner refuses a session's "
              "lock, or applies each migration once with a transaction's lock",
          .why =
              "a session lock taken through such a pooler excludes nobody, stays with the next "
              "client of that session, and stops every later deploy",
          .stages = {refused,
                     {.name = "a transaction's lock through the pooler",
                      .oracles = {"all-succeed", "applied-once", "order", "set-equality",
                                  "data-equals-serial", "schema-equals-serial", "no-lock-left"},
                      .way = scenario::Way::pooler,
                      .lock = runner::LockMode::transaction},
                     {.name = "nothing is pending, through the pooler",
                      .replicas = 4,
                      .oracles = {"all-succeed", "set-equality", "idempotent", "no-lock-left"},
                      .way = scenario::Way::pooler},
                     {.name = "straight again",
                      .replicas = 4,
                      .oracles = {"all-succeed", "applied-once", "set-equality", "no-lock-left"}}},
          .patience = std::chrono::seconds(30),
          .refusal = scenario::Scenario::Refusal::by_any_or_applied};
}

}  // namespace gauntlet::scenarios
