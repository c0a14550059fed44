#include "scenarios/fixtures.h"
#include "scenarios/scenarios.h"

namespace gauntlet::scenarios {

scenario::Scenario slow_first() {
  std::vector<scenario::File> files = orders_files();
  files.front().sql += "SELECT pg_sleep(0.3);\n";
  return {.id = "concurrency/slow-first",
          .claim =
              "replicas that come while the first migration still runs wait for it, and apply "
              "nothing of theirs",
          .why = "a backfill of minutes is the rule in production: every replica arrives inside it",
          .stages = {{.name = "deploy", .files = files, .oracles = deploy_oracles()}}};
}

}  // namespace gauntlet::scenarios
