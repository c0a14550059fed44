#include "scenarios/fixtures.h"
#include "scenarios/scenarios.h"

#include <string>

namespace gauntlet::scenarios {

namespace {

std::vector<scenario::File> late_file(const std::string& before) {
  return {{"004_late.up.sql", "INSERT INTO journal VALUES (4);\n" + before +
                                  "ALTER TABLE orders ADD CONSTRAINT known FOREIGN KEY (customer)\n"
                                  "  REFERENCES customers DEFERRABLE INITIALLY DEFERRED;\n"
                                  "ALTER TABLE orders DROP CONSTRAINT orders_customer_fkey;\n"
                                  "INSERT INTO orders VALUES (1, 4711);\n"}};
}

}  // namespace

scenario::Scenario deferred_constraint() {
  return {.id = "transactions/deferred-constraint",
          .claim =
              "a body that fails only at COMMIT leaves nothing and no record, and its run reports "
              "it; the corrected file is applied",
          .why =
              "every statement of it succeeded; a runner that ignores the reply to COMMIT records "
              "a migration that is not there",
          .stages = {first_release(),
                     failure("it fails at COMMIT", late_file("")),
                     {.name = "is mended",
                      .files = late_file("INSERT INTO customers VALUES (4711, 'Ada');\n"),
                      .replicas = 2,
                      .oracles = deploy_oracles()}},
          .about = scenario::About::one_replica};
}

}  // namespace gauntlet::scenarios
