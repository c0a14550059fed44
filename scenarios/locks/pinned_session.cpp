#include "scenarios/fixtures.h"
#include "scenarios/scenarios.h"

namespace gauntlet::scenarios {

scenario::Scenario pinned_session() {
  return {.id = "locks/pinned-session",
          .claim = "lock, bodies, records and unlock of a run come from one server session",
          .why =
              "with the lock on one connection of a pool and the migrations on another, the first "
              "may be closed while the second still writes, and the next replica starts",
          .stages = {{.name = "deploy",
                      .files = orders_files(),
                      .replicas = 4,
                      .oracles = deploy_oracles()}},
          .subject = scenario::Subject::must_lock,
          .claims = {"pinned"}};
}

}  // namespace gauntlet::scenarios
