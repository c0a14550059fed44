#include "scenarios/fixtures.h"
#include "scenarios/scenarios.h"

namespace gauntlet::scenarios {

scenario::Scenario inspect_not_a_database() {
  using scenario::Action;
  scenario::Stage check = looking("check", Action::check, 3);
  check.files = slow_files_for_sqlite();
  check.bytes =
      "This is a letter to whoever finds it, and it is longer than the hundred bytes that the "
      "header of a database file has, so that nobody takes it for one that is empty.\n";
  return {.id = "sqlite/inspect-not-a-database",
          .claim = "a file that is no database is an error, never one that needs migrations",
          .why =
              "a wrong path in a unit file, taken for a new database, is migrated over: the file "
              "that lay there is gone",
          .stages = {check},
          .engine = runner::Engine::sqlite};
}

}  // namespace gauntlet::scenarios
