#include "scenarios/fixtures.h"
#include "scenarios/scenarios.h"

namespace gauntlet::scenarios {

scenario::Scenario rollback_on_body_error() {
  scenario::Stage fails =
      refusal("the third statement fails",
              {{"004_half.up.sql",
                "CREATE TABLE half(x integer);\nINSERT INTO half VALUES (1);\n"
                "INSERT INTO nowhere VALUES (1);\nINSERT INTO journal VALUES (4);\n"}},
              "migration-failed");
  return {.id = "sqlite/rollback-on-body-error",
          .claim = "no table of a migration that fails survives, and the earlier migrations stay",
          .why =
              "a table that a failed body leaves makes the corrected migration fail, too, on every "
              "machine that ran it",
          .stages = {{.name = "first release",
                      .files = slow_files_for_sqlite(),
                      .replicas = 1,
                      .oracles = {"all-succeed", "set-equality"}},
                     fails},
          .engine = runner::Engine::sqlite};
}

}  // namespace gauntlet::scenarios
