#include "scenarios/fixtures.h"
#include "scenarios/scenarios.h"

namespace gauntlet::scenarios {

scenario::Scenario populated_upgrade() {
  std::vector<scenario::File> head;
  for (const char* version : {"10", "11"}) {
    head.push_back({std::string(version) + "_raise.up.sql",
                    std::string("INSERT INTO journal VALUES (") + version +
                        ");\nUPDATE accounts SET cents = cents * 2 + " + version + ";\n"});
  }
  head.push_back({"9_owner.up.sql",
                  "INSERT INTO journal VALUES (9);\n"
                  "ALTER TABLE accounts ADD COLUMN owner text NOT NULL DEFAULT 'bank';\n"});
  return {
      .id = "order/populated-upgrade",
      .claim =
          "the previous release's schema, with its data, is upgraded in the order of the numbers",
      .why =
          "file names without leading zeros sort as text: from the tenth migration on, a runner "
          "that sorts by name applies the last one first",
      .stages = {{.name = "previous release",
                  .files = {{"1_accounts.up.sql", accounts_file().sql}},
                  .replicas = 1,
                  .oracles = {"all-succeed", "set-equality"}},
                 {.name = "head",
                  .files = head,
                  .prepare = "INSERT INTO accounts VALUES (100, 7), (101, 9)",
                  .replicas = 4,
                  .oracles = deploy_oracles()}},
      .about = scenario::About::one_replica};
}

}  // namespace gauntlet::scenarios
