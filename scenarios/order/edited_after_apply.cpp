#include "scenarios/fixtures.h"
#include "scenarios/scenarios.h"

namespace gauntlet::scenarios {

scenario::Scenario edited_after_apply() {
  return {.id = "order/edited-after-apply",
          .claim =
              "a migration that changed after it was applied stops the run, and the error names it",
          .why =
              "old databases have the effects of the old file, new ones those of the new file: "
              "they stay different, and nothing reports it",
          .stages = {first_release(),
                     refusal("it was edited",
                             {{"002_customers.up.sql", small_files().at(1).sql + "SELECT 1;\n"}},
                             "edited-after-apply"),
                     {.name = "the edit is accepted",
                      .replicas = 2,
                      .oracles = {"all-succeed", "set-equality", "no-lock-left"},
                      .call = {.action = scenario::Action::accept, .amount = 2}},
                     {.name = "the next start",
                      .replicas = 2,
                      .oracles = {"all-succeed", "set-equality", "idempotent"}}},
          .refusal = scenario::Scenario::Refusal::by_any};
}

}  // namespace gauntlet::scenarios
