#include "scenarios/fixtures.h"
#include "scenarios/scenarios.h"

namespace gauntlet::scenarios {

namespace {

scenario::Stage asked(std::string_view name, std::int64_t knows_up_to, int exit_code) {
  return {.name = name,
          .replicas = 2,
          .oracles = {"all-succeed", "nothing-written", "no-lock-left"},
          .call = {.action = scenario::Action::check, .knows_up_to = knows_up_to},
          .success_codes = {exit_code}};
}

}  // namespace

scenario::Scenario binary_swap() {
  scenario::Stage fresh = asked("new binary, no tracker", 0, 1);
  fresh.files = small_files();
  fresh.files.push_back({"005_fifth.up.sql", "INSERT INTO journal VALUES (5);\n"});
  scenario::Stage hole = asked("new binary, a hole", 0, 1);
  hole.files = {{"004_fourth.up.sql", "INSERT INTO journal VALUES (4);\n"}};
  return {.id = "order/binary-swap",
          .claim =
              "before a new binary is deployed, its check exits with 0 if it fits the database, 1 "
              "if it must migrate first, 2 if it must not start",
          .why =
              "a check that compares only the highest number calls a database with a hole up to "
              "date, and the new binary fails at its first query",
          .stages = {fresh,
                     {.name = "deploy", .replicas = 1, .oracles = {"all-succeed", "set-equality"}},
                     asked("new binary, new database", 0, 0),
                     asked("old binary, new database", 3, 2),
                     hole}};
}

}  // namespace gauntlet::scenarios
