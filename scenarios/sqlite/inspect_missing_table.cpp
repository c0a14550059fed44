#include "scenarios/fixtures.h"
#include "scenarios/scenarios.h"

namespace gauntlet::scenarios {

scenario::Scenario inspect_missing_table() {
  using scenario::Action;
  scenario::Stage first = looking("check", Action::check, 1);
  first.files = slow_files_for_sqlite();
  first.prepare = "CREATE TABLE settings(name text PRIMARY KEY, value text)";
  return {.id = "sqlite/inspect-missing-table",
          .claim = "a database without a tracker needs migrations, and a check creates no tracker",
          .why =
              "an empty tracker that a check created makes the next release assume a managed "
              "database with nothing applied",
          .stages = {first, looking("status", Action::status, 0), looking("plan", Action::plan, 0)},
          .engine = runner::Engine::sqlite};
}

}  // namespace gauntlet::scenarios
