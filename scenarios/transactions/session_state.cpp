#include "scenarios/fixtures.h"
#include "scenarios/scenarios.h"

namespace gauntlet::scenarios {

scenario::Scenario session_state() {
  return {.id = "transactions/session-state",
          .claim =
              "a setting that a migration makes in its session breaks neither its record nor the "
              "next migration",
          .why =
              "a dump empties search_path: the next migration fails, or writes into another "
              "schema, depending on which replica ran the one before",
          .stages = {{.name = "deploy",
                      .files = {{"001_dump.up.sql",
                                 "CREATE TABLE journal(version bigint NOT NULL);\n"
                                 "CREATE TABLE seen(path text);\n"
                                 "INSERT INTO journal VALUES (1);\n"
                                 "SELECT pg_catalog.set_config('search_path', '', false);\n"},
                                {"002_after.up.sql",
                                 "INSERT INTO public.journal VALUES (2);\n"
                                 "INSERT INTO public.seen SELECT current_setting('search_path');\n"
                                 "CREATE TABLE unqualified(x int);\n"}},
                      .replicas = 1,
                      .oracles = deploy_oracles()}},
          .about = scenario::About::one_replica};
}

}  // namespace gauntlet::scenarios
