#include "scenarios/fixtures.h"
#include "scenarios/scenarios.h"

namespace gauntlet::scenarios {

namespace {

// The quick first look and the careful second one.
scenario::Stage refused(std::string_view name, const char* sqlstate) {
  const fault::Fault refusal{
      .sql_has = "applied_migrations",
      .ruling = {
          .what = core::Ruling::What::refuse, .text = "refused by the test", .sqlstate = sqlstate}};
  return {.name = name,
          .replicas = 1,
          .oracles = {"clear-error", "idempotent", "no-lock-left"},
          .faults = {refusal, refusal},
          .tracker_refused_with = sqlstate,
          .expected_error = "cannot-read-tracker"};
}

// A runner that takes its tracker for a missing one begins with the first file again: nothing but
// its record keeps these from taking effect twice.
std::vector<scenario::File> repeatable_files() {
  return {{"001_journal.up.sql",
           "CREATE TABLE IF NOT EXISTS journal(version bigint NOT NULL);\n"
           "INSERT INTO journal VALUES (1);\n"},
          {"002_entries.up.sql",
           "CREATE TABLE IF NOT EXISTS entries(what text NOT NULL);\n"
           "INSERT INTO entries VALUES ('first');\nINSERT INTO journal VALUES (2);\n"}};
}

}  // namespace

scenario::Scenario tracker_read_error() {
  scenario::Stage denied = refused("no rights", "42501");
  denied.files = {{"003_second.up.sql",
                   "INSERT INTO entries VALUES ('second');\nINSERT INTO journal VALUES (3);\n"}};
  return {.id = "crash/tracker-read-error",
          .claim = "a tracker that cannot be read is not treated as a missing tracker",
          .why =
              "a runner that treats every error as a missing table starts with the first migration "
              "again, on a database that has all of them",
          .stages = {{.name = "first release",
                      .files = repeatable_files(),
                      .replicas = 1,
                      .oracles = {"all-succeed", "set-equality"}},
                     denied,
                     refused("cancelled", "57014"),
                     refused("a lost connection", "08006"),
                     refused("a prepared statement that is gone", "26000"),
                     {.name = "a tracker that can be read",
                      .replicas = 1,
                      .oracles = deploy_oracles()}},
          .refusal = scenario::Scenario::Refusal::by_any};
}

}  // namespace gauntlet::scenarios
