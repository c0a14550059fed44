#include "scenarios/fixtures.h"
#include "scenarios/scenarios.h"

namespace gauntlet::scenarios {

scenario::Scenario primitive() {
  return {
      .id = "locks/primitive",
      .claim = "the server grants one advisory lock to one session at a time",
      .why =
          "some servers speak the protocol, but their advisory locks do nothing; on them no other "
          "result about locks means anything",
      .stages = {{.name = "two ask while a third holds it",
                  .files = {accounts_file()},
                  .replicas = 2,
                  .foreign_lock = scenario::ForeignLock{.window = std::chrono::milliseconds(300)},
                  .oracles = {"nobody-passes", "mutual-exclusion", "all-succeed"}}}};
}

}  // namespace gauntlet::scenarios
