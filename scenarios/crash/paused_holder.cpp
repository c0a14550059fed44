#include "scenarios/fixtures.h"
#include "scenarios/scenarios.h"

namespace gauntlet::scenarios {

scenario::Scenario paused_holder() {
  return {.id = "crash/paused-holder",
          .claim = "a holder that stands still for a while and wakes up does no harm",
          .why =
              "a paused virtual machine, a full disk, a debugger: when its lease is over another "
              "replica migrates, and then the first one wakes up in the middle of its work",
          .stages = {{.name = "deploy",
                      .files = orders_files(),
                      .replicas = 4,
                      .oracles = deploy_oracles(),
                      .holds = {{.sql_has = record_statement,
                                 .until = scenario::Hold::Until::another_ended,
                                 .at_most = std::chrono::milliseconds(1'500)}}}}};
}

}  // namespace gauntlet::scenarios
