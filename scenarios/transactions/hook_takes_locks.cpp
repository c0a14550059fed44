#include "scenarios/fixtures.h"
#include "scenarios/scenarios.h"

namespace gauntlet::scenarios {

scenario::Scenario hook_takes_locks() {
  return {.id = "transactions/hook-takes-locks",
          .claim =
              "a hook has a session of its own: it takes the locks that it needs while the run's "
              "session holds no table lock",
          .why =
              "a hook inside the migration's transaction, or beside an open one, waits for the "
              "run, and the run waits for the hook",
          .stages = {{.name = "deploy",
                      .files = {accounts_file(),
                                {"002_locked.up.sql",
                                 "INSERT INTO journal VALUES (2);\n"
                                 "ALTER TABLE accounts ADD COLUMN locked int NOT NULL DEFAULT 1;\n"
                                 "INSERT INTO accounts SELECT id + 1, 0 FROM accounts\n"
                                 "  WHERE cents = 0;\n"}},
                      .replicas = 4,
                      .oracles = deploy_oracles(),
                      .hooks = {{.version = 2,
                                 .sql = "BEGIN;LOCK TABLE accounts, applied_migrations IN ACCESS"
                                        " EXCLUSIVE MODE;INSERT INTO accounts VALUES (100, 0);"
                                        "COMMIT"}}}}};
}

}  // namespace gauntlet::scenarios
