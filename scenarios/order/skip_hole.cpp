#include "scenarios/fixtures.h"
#include "scenarios/scenarios.h"

namespace gauntlet::scenarios {

scenario::Scenario skip_hole() {
  std::vector<scenario::File> first = orders_files();
  const scenario::File late{"006_late_branch.up.sql", "INSERT INTO journal VALUES (6);\n"};
  first.push_back({"007_after_it.up.sql", "INSERT INTO journal VALUES (7);\n"});
  return {.id = "order/skip-hole",
          .claim = "a migration that appears below the highest applied one is run",
          .why =
              "two branches merge in another order than their numbers; a runner that compares with "
              "the maximum never runs the late one, and does not report it",
          .stages = {{.name = "first release",
                      .files = first,
                      .replicas = 1,
                      .oracles = {"all-succeed", "set-equality"}},
                     {.name = "the late branch",
                      .files = {late},
                      .replicas = 1,
                      .oracles = deploy_oracles()}},
          .about = scenario::About::one_replica};
}

}  // namespace gauntlet::scenarios
