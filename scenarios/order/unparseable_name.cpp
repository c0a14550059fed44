#include "scenarios/fixtures.h"
#include "scenarios/scenarios.h"

namespace gauntlet::scenarios {

scenario::Scenario unparseable_name() {
  return {.id = "order/unparseable-name",
          .claim = "a migration whose file name has no number is refused, and the error names it",
          .why = "a runner that skips it deploys a release without its schema",
          .stages = {first_release(),
                     refusal("a file without number",
                             {{"next_step.up.sql", "CREATE TABLE next_step(x int);\n"}},
                             "unparseable-name")}};
}

}  // namespace gauntlet::scenarios
