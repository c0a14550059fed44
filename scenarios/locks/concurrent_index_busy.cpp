#include "scenarios/fixtures.h"
#include "scenarios/scenarios.h"

namespace gauntlet::scenarios {

scenario::Scenario concurrent_index_busy() {
  return {
      .id = "locks/concurrent-index-busy",
      .claim =
          "CREATE INDEX CONCURRENTLY waits for an application's transaction, and no waiting "
          "replica blocks it",
      .why =
          "on a busy table the index waits for minutes: a replica that waits inside the server for "
          "the migration lock is killed meanwhile, or kills the index",
      .stages = {{.name = "first release",
                  .files = orders_files(),
                  .replicas = 1,
                  .oracles = {"all-succeed", "set-equality"}},
                 {.name = "the index",
                  .files = {status_index_file()},
                  .replicas = 4,
                  .oracles = index_oracles(),
                  .bystander = scenario::Bystander{.sql = "LOCK TABLE orders IN ROW EXCLUSIVE MODE",
                                                   .window = std::chrono::milliseconds(300)}}}};
}

}  // namespace gauntlet::scenarios
