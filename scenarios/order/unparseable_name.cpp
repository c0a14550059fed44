#include "scenarios/fixtures.h"
#include "scenarios/scenarios.h"

namespace gauntlet::scenarios {

scenario::Scenario unparseable_name() {
  scenario::Stage refused =
      refusal("a file without number", {{"next_step.up.sql", "CREATE TABLE next_step(x int);\n"}},
              "unparseable-name");
  refused.resembling = "next_step";
  return {.id = "order/unparseable-name",
          .claim = "a migration whose file name has no number is refused, and the error names it",
          .why = "a runner that skips it deploys a release without its schema",
          .stages = {first_release(), refused}};
}

}  // namespace gauntlet::scenarios
