#include "scenarios/fixtures.h"
#include "scenarios/scenarios.h"

namespace gauntlet::scenarios {

scenario::Scenario legacy_foreign() {
  return {.id = "order/legacy-foreign",
          .claim =
              "another tool's table with the name of the predecessor's tracker is not read as that "
              "tracker",
          .why =
              "Rails and dbmate have a schema_migrations, too: read as the tracker of "
              "golang-migrate, its newest row says that everything is applied, and nothing runs",
          .stages = {{.name = "deploy",
                      .files = small_files(),
                      .prepare = "CREATE TABLE schema_migrations(version varchar PRIMARY KEY);"
                                 "INSERT INTO schema_migrations VALUES ('20240101120000')",
                      .replicas = 4,
                      .table = "applied_migrations",  // there are two that could be one
                      .oracles = deploy_oracles()}}};
}

}  // namespace gauntlet::scenarios
