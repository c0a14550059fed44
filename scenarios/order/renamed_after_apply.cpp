#include "scenarios/fixtures.h"
#include "scenarios/scenarios.h"

namespace gauntlet::scenarios {

scenario::Scenario renamed_after_apply() {
  scenario::Stage renamed =
      refusal("it has another name", {{"002_clients.up.sql", small_files().at(1).sql}}, "renamed");
  renamed.removed = {"002_customers.up.sql"};
  return {
      .id = "order/renamed-after-apply",
      .claim =
          "a migration that was applied under another name stops the run, and the error names it",
      .why =
          "a merge gave the number to another file: the new file never runs where the old one was "
          "applied",
      .stages = {first_release(), renamed},
      .refusal = scenario::Scenario::Refusal::by_any};
}

}  // namespace gauntlet::scenarios
