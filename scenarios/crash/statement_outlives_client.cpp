#include "scenarios/fixtures.h"
#include "scenarios/scenarios.h"

namespace gauntlet::scenarios {

// How long the body takes is not a migration's own: a run alone is not held up, nor is the next
// one.
scenario::Scenario statement_outlives_client() {
  return {
      .id = "crash/statement-outlives-client",
      .claim =
          "no run waits for a statement whose client was killed: a second run at once and one "
          "later end alike",
      .why =
          "a killed pod's statement keeps running for minutes and holds the lock; or it "
          "commits after the next pod has started the same migration",
      .stages = {
          {.name = "first release",
           .files = {accounts_file()},
           .prepare = "CREATE TABLE pace(seconds int); INSERT INTO pace VALUES (0)",
           .replicas = 1,
           .oracles = {"all-succeed", "set-equality"}},
          {.name = "killed, and run again at once",
           .files = {{"002_slowly.up.sql",
                      "INSERT INTO journal VALUES (2);\n"
                      "SELECT pg_sleep(seconds) FROM pace;\n"
                      "UPDATE accounts SET cents = cents + 10;\n"}},
           .replicas = 2,
           .oracles = {"someone-succeeds", "applied-once", "set-equality", "data-equals-serial",
                       "schema-equals-serial", "no-lock-left"},
           .lock_wait = std::chrono::seconds(6),
           .as = scenario::As::processes,
           .first_is = scenario::SeenHarm{.what = scenario::SeenHarm::What::killed,
                                          .at = "pg_sleep(seconds)",
                                          .before = "UPDATE pace SET seconds = 120",
                                          .after = "UPDATE pace SET seconds = 0"},
           // How long another runner may wait is not known: its statement ends by
           // itself.
           .first_of_program_is = scenario::SeenHarm{.at = "pg_sleep(seconds)",
                                                     .before = "UPDATE pace SET seconds = 2",
                                                     .after = "UPDATE pace SET seconds = 0"}},
          {.name = "run again later",
           .replicas = 2,
           .oracles = {"all-succeed", "applied-once", "set-equality", "idempotent", "no-lock-left"},
           .as = scenario::As::processes}}};
}

}  // namespace gauntlet::scenarios
