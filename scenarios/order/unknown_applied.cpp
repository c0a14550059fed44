#include "scenarios/fixtures.h"
#include "scenarios/scenarios.h"

namespace gauntlet::scenarios {

scenario::Scenario unknown_applied() {
  using scenario::Action;
  return {.id = "order/unknown-applied",
          .claim =
              "an applied migration that is not on disk does not stop a start, but `check` reports "
              "the database as incompatible",
          .why =
              "a rollback deploy must start on the schema that the newer release left; whether to "
              "deploy that binary at all is another question",
          .stages = {first_release(),
                     {.name = "an older release starts",
                      .replicas = 4,
                      .oracles = {"all-succeed", "idempotent", "no-lock-left"},
                      .call = {.knows_up_to = 2}},
                     {.name = "an older release asks",
                      .replicas = 2,
                      .oracles = {"all-succeed", "nothing-written"},
                      .call = {.action = Action::check, .knows_up_to = 2},
                      .success_codes = {2}}}};
}

}  // namespace gauntlet::scenarios
