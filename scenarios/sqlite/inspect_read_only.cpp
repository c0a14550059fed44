#include "scenarios/fixtures.h"
#include "scenarios/scenarios.h"

namespace gauntlet::scenarios {

scenario::Scenario inspect_read_only() {
  using scenario::Action;
  scenario::Stage first = looking("check", Action::check, 0);
  first.prepare = "PRAGMA journal_mode = DELETE";
  scenario::Stage pending = looking("check, one is pending", Action::check, 1);
  pending.files = slow_data_for_sqlite();
  return {.id = "sqlite/inspect-read-only",
          .claim = "check, status and plan change no byte of the database, and no file beside it",
          .why =
              "a probe that opens the file for writing leaves a log and an index beside it, or "
              "fails on a read-only copy",
          .stages = {{.name = "deploy",
                      .files = slow_files_for_sqlite(),
                      .replicas = 1,
                      .oracles = {"all-succeed", "set-equality"}},
                     first,
                     looking("status", Action::status, 0),
                     looking("plan", Action::plan, 0),
                     pending,
                     looking("plan, some are pending", Action::plan, 0)},
          .engine = runner::Engine::sqlite};
}

}  // namespace gauntlet::scenarios
