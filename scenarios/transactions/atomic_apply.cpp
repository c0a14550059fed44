#include "scenarios/fixtures.h"
#include "scenarios/scenarios.h"

namespace gauntlet::scenarios {

scenario::Scenario atomic_apply() {
  return {.id = "transactions/atomic-apply",
          .claim =
              "a migration whose third statement fails leaves no trace of its first two and no "
              "row; what was applied before it stays",
          .why =
              "half a migration fits neither release: the next attempt fails on the half that is "
              "there",
          .stages = {first_release(),
                     refusal("its third statement fails",
                             {{"004_half.up.sql",
                               "INSERT INTO journal VALUES (4);\nCREATE TABLE half(x int);\n"
                               "CREATE TABLE customers(id bigint);\nSELECT 1;\n"}},
                             "migration-failed"),
                     {.name = "is mended",
                      .files = {{"004_half.up.sql",
                                 "INSERT INTO journal VALUES (4);\nCREATE TABLE half(x int);\n"}},
                      .replicas = 2,
                      .oracles = deploy_oracles()}}};
}

}  // namespace gauntlet::scenarios
