#include "scenarios/fixtures.h"
#include "scenarios/scenarios.h"

namespace gauntlet::scenarios {

scenario::Scenario atomic_apply() {
  return {
      .id = "transactions/atomic-apply",
      .claim =
          "a migration whose third statement fails leaves nothing of its first two and no record, "
          "and its run reports it; earlier migrations stay, and the corrected file is applied",
      .why =
          "half a migration fits neither release: the next attempt fails on the half that exists",
      .stages = {first_release(),
                 failure("its third statement fails",
                         {{"004_half.up.sql",
                           "INSERT INTO journal VALUES (4);\nCREATE TABLE half(x int);\n"
                           "CREATE TABLE customers(id bigint);\nSELECT 1;\n"}}),
                 {.name = "is mended",
                  .files = {{"004_half.up.sql",
                             "INSERT INTO journal VALUES (4);\nCREATE TABLE half(x int);\n"}},
                  .replicas = 2,
                  .oracles = deploy_oracles()}},
      .about = scenario::About::one_replica};
}

}  // namespace gauntlet::scenarios
