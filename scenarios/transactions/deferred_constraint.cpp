#include "scenarios/fixtures.h"
#include "scenarios/scenarios.h"

namespace gauntlet::scenarios {

scenario::Scenario deferred_constraint() {
  return {
      .id = "transactions/deferred-constraint",
      .claim = "a body that fails only at COMMIT leaves nothing, is not recorded, and is told so",
      .why =
          "every statement of it succeeded; a runner that does not look at what COMMIT "
          "answers records a migration that is not there",
      .stages = {first_release(),
                 refusal("it fails at COMMIT",
                         {{"004_late.up.sql",
                           "INSERT INTO journal VALUES (4);\n"
                           "ALTER TABLE orders ADD CONSTRAINT known FOREIGN KEY (customer)\n"
                           "  REFERENCES customers DEFERRABLE INITIALLY DEFERRED;\n"
                           "ALTER TABLE orders DROP CONSTRAINT orders_customer_fkey;\n"
                           "INSERT INTO orders VALUES (1, 4711);\n"}},
                         "migration-failed")}};
}

}  // namespace gauntlet::scenarios
