#include "scenarios/fixtures.h"
#include "scenarios/scenarios.h"

namespace gauntlet::scenarios {

scenario::Scenario small_pool() {
  return {.id = "concurrency/small-pool",
          .claim =
              "16 replicas that share 8 connections all finish, and no connection returns to the "
              "pool with a lock",
          .why =
              "an application migrates through its own pool, whose connections stay open: a lock "
              "left on one stops every later deploy",
          .stages = {{.name = "deploy",
                      .files = orders_files(),
                      .connections = 8,
                      .oracles = deploy_oracles()},
                     {.name = "a hook has no second connection",
                      .files = {{"006_hooked.up.sql", "INSERT INTO journal VALUES (6);\n"}},
                      .replicas = 1,
                      .connections = 1,
                      .oracles = {"clear-error", "idempotent", "no-lock-left"},
                      .hooks = {{.version = 6, .sql = "SELECT 1"}},
                      .expected_error = "no-session",
                      .lock_wait = std::chrono::milliseconds(300)}}};
}

}  // namespace gauntlet::scenarios
