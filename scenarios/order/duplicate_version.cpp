#include "scenarios/fixtures.h"
#include "scenarios/scenarios.h"

namespace gauntlet::scenarios {

scenario::Scenario duplicate_version() {
  return {
      .id = "order/duplicate-version",
      .claim =
          "two files with one number are refused before anything runs, and the error names both",
      .why =
          "two branches took the same number: a runner that keeps one file never runs the other, "
          "and which one it keeps differs from machine to machine",
      .stages = {first_release(),
                 refusal("a second two", {{"2_other.up.sql", "CREATE TABLE other(x int);\n"}},
                         "duplicate-version")},
      .refusal = scenario::Scenario::Refusal::by_any_or_applied};
}

}  // namespace gauntlet::scenarios
