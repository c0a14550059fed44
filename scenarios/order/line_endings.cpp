#include "scenarios/fixtures.h"
#include "scenarios/scenarios.h"

namespace gauntlet::scenarios {

scenario::Scenario line_endings() {
  return {
      .id = "order/line-endings",
      .claim =
          "carriage returns, a byte-order mark, a last line without an end and a trailing comment "
          "cause no failure, and the next start sees the same files",
      .why =
          "one developer's editor writes them, and the deploy fails on the first word of the file",
      .stages = {{.name = "deploy",
                  .files = {{"001_windows.up.sql",
                             "CREATE TABLE journal(\r\n  version bigint NOT NULL\r\n);\r\n"
                             "INSERT INTO journal VALUES (1);\r\n"},
                            {"002_marked.up.sql", "\xEF\xBB\xBFINSERT INTO journal VALUES (2);\n"},
                            {"003_unended.up.sql", "INSERT INTO journal VALUES (3)"},
                            {"004_commented.up.sql",
                             "INSERT INTO journal VALUES (4) -- the last word"}},
                  .replicas = 4,
                  .oracles = deploy_oracles()},
                 {.name = "restart",
                  .replicas = 4,
                  .oracles = {"all-succeed", "set-equality", "idempotent"}}},
      .about = scenario::About::one_replica};
}

}  // namespace gauntlet::scenarios
