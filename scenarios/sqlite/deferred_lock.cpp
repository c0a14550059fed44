#include "scenarios/fixtures.h"
#include "scenarios/scenarios.h"

namespace gauntlet::scenarios {

scenario::Scenario deferred_lock() {
  return {.id = "sqlite/deferred-lock",
          .claim = "the transaction that reads the pending set holds the write lock from its start",
          .why =
              "a deferred transaction reads first and takes the lock at its first write: two of "
              "them read the same, neither can continue, and no busy timeout helps",
          .stages = {{.name = "deploy",
                      .files = slow_files_for_sqlite(),
                      .replicas = 8,
                      .oracles = {"all-succeed", "applied-once", "order", "set-equality",
                                  "data-equals-serial", "schema-equals-serial", "no-lock-left"}}},
          .engine = runner::Engine::sqlite};
}

}  // namespace gauntlet::scenarios
