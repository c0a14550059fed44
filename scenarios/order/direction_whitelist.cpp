#include "scenarios/fixtures.h"
#include "scenarios/scenarios.h"

namespace gauntlet::scenarios {

namespace {

scenario::Stage typed(std::string_view word) {
  return {.name = word.empty() ? "nothing" : word,
          .replicas = 1,
          .oracles = {"clear-error", "idempotent"},
          .direction = word,
          .expected_error = "bad-direction"};
}

}  // namespace

scenario::Scenario direction_whitelist() {
  scenario::Stage first = typed("");
  first.files = small_files();
  return {.id = "order/direction-whitelist",
          .claim = "a direction is exactly `up` or `down`: any other word runs nothing",
          .why =
              "a script's empty variable, or `rollback`, takes the other branch: tables are "
              "dropped, or created, by mistake",
          .stages = {first, typed("UP"), typed("DOWN"), typed("rollback"), typed("x"),
                     typed(" up "), typed("down ")}};
}

}  // namespace gauntlet::scenarios
