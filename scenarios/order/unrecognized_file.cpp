#include "scenarios/fixtures.h"
#include "scenarios/scenarios.h"

namespace gauntlet::scenarios {

scenario::Scenario unrecognized_file() {
  return {.id = "order/unrecognized-file",
          .claim = "a misspelt file name that resembles a migration is reported at every run",
          .why =
              "`004_fourth_up.sql` looks right in a review; a runner that skips it without a word "
              "deploys a release without its schema, and every check is green",
          .stages = {first_release(),
                     {.name = "one letter amiss",
                      .files = {{"004_fourth_up.sql", "CREATE TABLE fourth_up(x int);\n"}},
                      .replicas = 2,
                      .oracles = {"all-succeed", "clear-warning", "set-equality", "idempotent"},
                      .expected_warning = "004_fourth_up.sql",
                      .resembling = "fourth_up"},
                     {.name = "spelt as it should be",
                      .files = small_and_fourth_files(),
                      .removed = {"004_fourth_up.sql"},
                      .replicas = 2,
                      .oracles = deploy_oracles()}}};
}

}  // namespace gauntlet::scenarios
