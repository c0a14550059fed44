#include "scenarios/fixtures.h"
#include "scenarios/scenarios.h"

namespace gauntlet::scenarios {

scenario::Scenario baseline_on_existing() {
  return {
      .id = "sqlite/baseline-on-existing",
      .claim =
          "a baseline of IF NOT EXISTS brings a database that predates the tracker to the same "
          "state as a new one, with its rows",
      .why =
          "an application that is older than its migrations has most of the tables: a runner that "
          "assumes all of them misses the rest, and one that assumes none cannot start",
      .stages = {{.name = "deploy",
                  .files = {{"001_baseline.up.sql",
                             "CREATE TABLE IF NOT EXISTS journal(version integer NOT NULL);\n"
                             "CREATE TABLE IF NOT EXISTS customers("
                             "id integer PRIMARY KEY, name text NOT NULL);\n"
                             "CREATE TABLE IF NOT EXISTS orders(id integer PRIMARY KEY,"
                             " customer integer REFERENCES customers);\n"
                             "INSERT INTO journal VALUES (1);\n"},
                            {"002_status.up.sql",
                             "ALTER TABLE orders ADD COLUMN status text NOT NULL DEFAULT 'new';"
                             "\nINSERT INTO journal VALUES (2);\n"}},
                  .prepare = "CREATE TABLE customers(id integer PRIMARY KEY, name text NOT NULL);"
                             "INSERT INTO customers(name) VALUES ('Ada')",
                  .replicas = 4,
                  .oracles = {"all-succeed", "applied-once", "order", "set-equality",
                              "data-equals-serial", "schema-equals-serial", "no-lock-left"}},
                 {.name = "restart",
                  .replicas = 4,
                  .oracles = {"all-succeed", "set-equality", "idempotent"}}},
      .engine = runner::Engine::sqlite};
}

}  // namespace gauntlet::scenarios
