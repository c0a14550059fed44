#include "scenarios/fixtures.h"
#include "scenarios/scenarios.h"

namespace gauntlet::scenarios {

scenario::Scenario rolling_deploy() {
  std::vector<scenario::File> first = orders_files();
  const scenario::File fifth = first.back();
  first.pop_back();
  const scenario::File sixth{"006_notes.up.sql",
                             "CREATE TABLE notes(id bigint);\nINSERT INTO journal VALUES (6);\n"};
  return {.id = "concurrency/rolling-deploy",
          .claim =
              "while the new release migrates, replicas of the old release start, do not wait, and "
              "accept migrations that they do not know",
          .why =
              "an old pod that restarts during the rollout must start: a runner that waits, or "
              "refuses unknown migrations, ends the old release before the new one is there",
          .stages = {{.name = "old release",
                      .files = first,
                      .replicas = 1,
                      .oracles = {"all-succeed", "set-equality"}},
                     {.name = "rollout",
                      .files = {fifth, sixth},
                      .replicas = 8,
                      .oracles = deploy_oracles(),
                      .beside = {{.replicas = 8, .call = {.knows_up_to = 4}}},
                      .holds = {{.sql_has = record_statement}}},
                     {.name = "an old pod restarts",
                      .replicas = 1,
                      .oracles = {"all-succeed", "idempotent", "no-lock-left"},
                      .call = {.knows_up_to = 4}}}};
}

}  // namespace gauntlet::scenarios
