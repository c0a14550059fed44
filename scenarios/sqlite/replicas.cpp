#include "scenarios/fixtures.h"
#include "scenarios/scenarios.h"

namespace gauntlet::scenarios {

scenario::Scenario sqlite_replicas() {
  const std::vector<std::string_view> oracles = {
      "all-succeed",        "applied-once",         "order",       "set-equality",
      "data-equals-serial", "schema-equals-serial", "no-lock-left"};
  return {.id = "sqlite/replicas",
          .claim = "16 processes started together on one new file apply each migration once",
          .why =
              "two workers of one machine start on one file; if both migrate, one dies of "
              "`database is locked`, or both add the same rows",
          .stages = {{.name = "a new file",
                      .files = slow_files_for_sqlite(),
                      .oracles = oracles,
                      .as = scenario::As::processes},
                     {.name = "a second release",
                      .files = slow_data_for_sqlite(),
                      .oracles = oracles,
                      .as = scenario::As::processes},
                     {.name = "restart",
                      .oracles = {"all-succeed", "set-equality", "idempotent"},
                      .as = scenario::As::processes}},
          .engine = runner::Engine::sqlite};
}

}  // namespace gauntlet::scenarios
