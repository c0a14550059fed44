#include "scenarios/fixtures.h"
#include "scenarios/scenarios.h"

namespace gauntlet::scenarios {

scenario::Scenario mixed_directions() {
  std::vector<scenario::File> files = orders_files();
  for (const scenario::File& file : orders_down_files()) files.push_back(file);
  const std::vector<scenario::File> sixth = {
      {"006_notes.up.sql", "CREATE TABLE notes(id bigint);\n"},
      {"006_notes.down.sql", "DROP TABLE notes;\n"}};
  return {.id = "concurrency/mixed-directions",
          .claim =
              "one replica that rolls back beside several that apply leaves what some serial order "
              "leaves",
          .why =
              "an operator rolls back by hand while the rollout still starts pods; a body from one "
              "direction with a record from the other makes the tracker wrong",
          .stages = {{.name = "first release",
                      .files = files,
                      .replicas = 1,
                      .oracles = {"all-succeed", "set-equality"}},
                     {.name = "rollout and rollback",
                      .files = sixth,
                      .replicas = 4,
                      .oracles = {"all-succeed", "mutual-exclusion", "pinned", "unlock-confirmed",
                                  "no-lock-left"},
                      .beside = {{.call = {.action = scenario::Action::down, .amount = 1}}},
                      .holds = {{.sql_has = record_statement}}},
                     {.name = "the next start",
                      .replicas = 1,
                      .oracles = {"all-succeed", "set-equality", "schema-equals-serial",
                                  "no-lock-left"}}}};
}

}  // namespace gauntlet::scenarios
