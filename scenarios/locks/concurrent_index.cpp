#include "scenarios/fixtures.h"
#include "scenarios/scenarios.h"

namespace gauntlet::scenarios {

scenario::Scenario concurrent_index() {
  std::vector<scenario::File> files = orders_files();
  files.push_back(status_index_file());
  return {
      .id = "locks/concurrent-index",
      .claim = "CREATE INDEX CONCURRENTLY succeeds under 8 replicas and leaves a valid index",
      .why =
          "replicas that wait for the lock inside the server hold snapshots, and the index waits "
          "for those: the server kills one of them, and the index stays INVALID",
      .stages = {{.name = "deploy", .files = files, .replicas = 8, .oracles = index_oracles()}}};
}

}  // namespace gauntlet::scenarios
