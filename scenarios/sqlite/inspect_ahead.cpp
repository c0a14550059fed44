#include "scenarios/fixtures.h"
#include "scenarios/scenarios.h"

namespace gauntlet::scenarios {

scenario::Scenario inspect_ahead() {
  using scenario::Action;
  scenario::Stage ahead = looking("check, 99 is applied", Action::check, 2);
  ahead.prepare = "INSERT INTO applied_migrations(version, name) VALUES (99, 'from_the_future')";
  return {.id = "sqlite/inspect-ahead",
          .claim = "a database that has more than the binary knows is incompatible, not up to date",
          .why =
              "an old binary that starts on a newer file writes rows that the newer release cannot "
              "read",
          .stages = {{.name = "deploy",
                      .files = slow_files_for_sqlite(),
                      .replicas = 1,
                      .oracles = {"all-succeed", "set-equality"}},
                     ahead},
          .engine = runner::Engine::sqlite};
}

}  // namespace gauntlet::scenarios
