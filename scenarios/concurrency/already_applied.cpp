#include "scenarios/fixtures.h"
#include "scenarios/scenarios.h"

namespace gauntlet::scenarios {

scenario::Scenario already_applied() {
  return {.id = "concurrency/already-applied",
          .claim = "16 replicas on a migrated database change nothing and all succeed",
          .why =
              "most starts have nothing pending; a runner that locks before it reads the tracker "
              "makes them queue, or fail",
          .stages = {{.name = "deploy",
                      .files = orders_files(),
                      .replicas = 1,
                      .oracles = {"all-succeed", "set-equality"}},
                     {.name = "restart",
                      .foreign_lock =
                          scenario::ForeignLock{.until = scenario::ForeignLock::Until::all_ended},
                      .oracles = {"all-succeed", "set-equality", "idempotent", "no-lock-left"}}},
          .fixture = scenario::Fixture::replaceable};
}

}  // namespace gauntlet::scenarios
