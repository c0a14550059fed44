#include "scenarios/fixtures.h"
#include "scenarios/scenarios.h"

namespace gauntlet::scenarios {

scenario::Scenario body_commits() {
  return {
      .id = "transactions/body-commits",
      .claim = "a body with a COMMIT of its own is refused before any of it runs",
      .why =
          "its COMMIT ends the runner's transaction: the rest is applied and not recorded, or "
          "recorded and not applied",
      .stages = {first_release(),
                 refusal("it commits",
                         {{"004_commits.up.sql",
                           "INSERT INTO journal VALUES (4);\nCOMMIT;\nCREATE TABLE t(x int);\n"}},
                         "transaction-control")},
      .refusal = scenario::Scenario::Refusal::by_any_or_applied};
}

}  // namespace gauntlet::scenarios
