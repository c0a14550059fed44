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
          .claim = "a file that is not a database is an error, and never `needs migrations`",
          .why =
              "a wrong path in a unit file, mistaken for a new database, is overwritten: the file "
              "that was there is lost",
          .stages = {check},
          .engine = runner::Engine::sqlite};
}

}  // namespace gauntlet::scenarios
