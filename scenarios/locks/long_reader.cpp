#include "scenarios/fixtures.h"
#include "scenarios/scenarios.h"

namespace gauntlet::scenarios {

scenario::Scenario long_reader() {
  return {.id = "locks/long-reader",
          .claim =
              "while a session reads a table, a migration that needs all of it keeps no other "
              "reader waiting for two seconds, and is applied once that session is done",
          .why =
              "a report reads for minutes: every query that comes after the migration stands "
              "behind it, and the service is down although nothing failed",
          .stages = {{.name = "first release",
                      .files = {{"001_readings.up.sql",
                                 "CREATE TABLE journal(version bigint NOT NULL);\n"
                                 "CREATE TABLE readings(n int);\n"
                                 "INSERT INTO journal VALUES (1);\n"}},
                      .replicas = 1,
                      .oracles = {"all-succeed", "set-equality"}},
                     {.name = "beside a reader",
                      .files = {{"002_seen.up.sql",
                                 "ALTER TABLE readings ADD COLUMN seen int;\n"
                                 "INSERT INTO journal VALUES (2);\n"}},
                      .replicas = 1,
                      .oracles = {"no-lock-left"},
                      .bystander = scenario::Bystander{.sql = "SELECT * FROM readings",
                                                       .window = std::chrono::milliseconds(3'000)}},
                     {.name = "the reader is done",
                      .replicas = 2,
                      .oracles = {"all-succeed", "applied-once", "set-equality",
                                  "schema-equals-serial", "no-lock-left"}}},
          .claims = {"readers-wait"}};
}

}  // namespace gauntlet::scenarios
