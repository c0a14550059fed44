#include "scenarios/fixtures.h"
#include "scenarios/scenarios.h"

namespace gauntlet::scenarios {

scenario::Scenario unrecognized_file() {
  return {
      .id = "order/unrecognized-file",
      .claim = "a file that somebody meant as a migration, and misspelt, is named at every run",
      .why =
          "`004_fourth_up.sql` looks right in a review; a runner that passes it over in silence "
          "deploys a release without its schema, and all is green",
      .stages = {first_release(),
                 {.name = "one letter amiss",
                  .files = {{"004_fourth_up.sql", "CREATE TABLE fourth(x int);\n"}},
                  .replicas = 2,
                  .oracles = {"all-succeed", "clear-warning", "set-equality", "idempotent"},
                  .expected_warning = "004_fourth_up.sql"},
                 {.name = "spelt as it should be",
                  .files = small_and_fourth_files(),
                  .removed = {"004_fourth_up.sql"},
                  .replicas = 2,
                  .oracles = deploy_oracles()}}};
}

}  // namespace gauntlet::scenarios
