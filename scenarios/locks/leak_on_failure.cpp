#include "scenarios/fixtures.h"
#include "scenarios/scenarios.h"

namespace gauntlet::scenarios {

scenario::Scenario leak_on_failure() {
  return {
      .id = "locks/leak-on-failure",
      .claim = "a migration that fails leaves no lock and no transaction on a pool's connection",
      .why =
          "the process keeps running with the connection in its pool: the lock stays, and every "
          "later deploy waits for it",
      .stages = {{.name = "fails",
                  .files = {accounts_file(),
                            {"002_fails.up.sql",
                             "INSERT INTO journal VALUES (2);\nSELECT 1 / 0;\n"}},
                  .replicas = 1,
                  .connections = 1,
                  .oracles = {"clear-error", "no-lock-left", "failure-told"},
                  .expected_error = "migration-failed"},
                 {.name = "is mended",
                  .files = {{"002_fails.up.sql", "INSERT INTO journal VALUES (2);\n"}},
                  .replicas = 4,
                  .connections = 2,
                  .oracles = deploy_oracles()}},
      .pool = scenario::Pool::left_out};
}

}  // namespace gauntlet::scenarios
