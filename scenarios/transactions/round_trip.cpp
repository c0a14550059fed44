#include "scenarios/fixtures.h"
#include "scenarios/scenarios.h"

namespace gauntlet::scenarios {

scenario::Scenario round_trip() {
  std::vector<scenario::File> files = quick_orders_files();
  for (const scenario::File& file : orders_down_files()) files.push_back(file);
  return {.id = "transactions/round-trip",
          .claim = "up, down and up again leave the schema, the data and the record of one up",
          .why =
              "a rollback runs for the first time in the night when it is needed; what it leaves "
              "behind stops the next upgrade",
          .stages = {{.name = "up", .files = files, .replicas = 4, .oracles = deploy_oracles()},
                     {.name = "down",
                      .replicas = 1,
                      .oracles = {"all-succeed", "data-equals-serial", "schema-equals-serial",
                                  "no-lock-left"},
                      .call = {.action = scenario::Action::down}},
                     {.name = "up again", .replicas = 4, .oracles = deploy_oracles()}},
          .fixture = scenario::Fixture::replaceable};
}

}  // namespace gauntlet::scenarios
