#include "scenarios/fixtures.h"
#include "scenarios/scenarios.h"

namespace gauntlet::scenarios {

scenario::Scenario slow_first() {
  std::vector<scenario::File> files = orders_files();
  files.front().sql += "SELECT pg_sleep(0.3);\n";
  return {.id = "concurrency/slow-first",
          .claim =
              "replicas that start while the first migration runs wait for it, and apply nothing "
              "themselves",
          .why = "in production a backfill takes minutes, and every replica starts within them",
          .stages = {{.name = "deploy", .files = files, .oracles = deploy_oracles()}}};
}

}  // namespace gauntlet::scenarios
