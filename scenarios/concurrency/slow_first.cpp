#include "scenarios/fixtures.h"
#include "scenarios/scenarios.h"

namespace gauntlet::scenarios {

scenario::Scenario slow_first() {
  return {.id = "concurrency/slow-first",
          .claim =
              "replicas that come while the first migration still runs wait for it, and apply "
              "nothing of theirs",
          .why = "a backfill of minutes is the rule in production: every replica arrives inside it",
          .stages = {{.name = "deploy",
                      .files = orders_files(),
                      .oracles = deploy_oracles(),
                      .holds = {{.sql_has = record_statement}}}}};
}

}  // namespace gauntlet::scenarios
