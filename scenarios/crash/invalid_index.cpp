#include "scenarios/fixtures.h"
#include "scenarios/scenarios.h"

namespace gauntlet::scenarios {

scenario::Scenario invalid_index() {
  using scenario::Action;
  return {.id = "crash/invalid-index",
          .claim =
              "an index that a first attempt left INVALID is never recorded as built, even if the "
              "migration says IF NOT EXISTS",
          .why =
              "the second attempt finds an index of that name and succeeds; queries run without "
              "the index, sixty times slower, and nothing reports it",
          .stages = {{.name = "first release",
                      .files = {accounts_file()},
                      .replicas = 1,
                      .oracles = {"all-succeed", "set-equality"}},
                     {.name = "the index fails",
                      .files = {{"002_cents_once.up.sql",
                                 "-- gauntlet: no-transaction\n"
                                 "CREATE UNIQUE INDEX CONCURRENTLY IF NOT EXISTS cents_once"
                                 " ON accounts(cents);\n"}},
                      .replicas = 1,
                      .oracles = {"clear-error", "no-lock-left", "failure-told"},
                      .expected_error = "migration-failed"},
                     {.name = "somebody lets it run again",
                      .prepare = "UPDATE accounts SET cents = id",
                      .replicas = 1,
                      .oracles = {"all-succeed"},
                      .call = {.action = Action::forget, .amount = 2}},
                     {.name = "it runs again",
                      .replicas = 1,
                      .oracles = {"clear-error", "no-lock-left"},
                      .expected_error = "invalid-index"},
                     {.name = "the index is dropped",
                      .prepare = "DROP INDEX cents_once",
                      .replicas = 1,
                      .oracles = {"all-succeed", "set-equality", "no-invalid-index",
                                  "schema-equals-serial", "no-lock-left"},
                      .call = {.action = Action::resume, .amount = 2}}}};
}

}  // namespace gauntlet::scenarios
