#include "scenarios/fixtures.h"
#include "scenarios/scenarios.h"

namespace gauntlet::scenarios {

namespace {

// Found by search: the keys that belong to these two trackers agree in their low 32 bits.
constexpr std::string_view one_tenant = "tenant_137081.applied_migrations";
constexpr std::string_view other_tenant = "tenant_723190.applied_migrations";

scenario::File entry(const std::string& version) {
  return {version + "_entry.up.sql", "INSERT INTO public.journal VALUES (" + version + ");\n"};
}

}  // namespace

scenario::Scenario two_tenants() {
  return {.id = "concurrency/two-tenants",
          .claim = "two schemas of one database migrate at the same time, each under its own lock",
          .why =
              "tenants that share one lock key wait for each other: with a thousand tenants a "
              "deploy takes the sum of their times, or misses its deadline",
          .stages = {{.name = "deploy of both",
                      .files = {entry("1"), entry("2"), entry("3")},
                      .prepare = "CREATE TABLE public.journal(version bigint NOT NULL)",
                      .replicas = 1,
                      .table = one_tenant,
                      .oracles = {"all-succeed", "set-equality", "data-equals-serial",
                                  "schema-equals-serial", "no-lock-left", "pinned"},
                      .beside = {{.call = {.table = other_tenant}}},
                      .holds = {{.sql_has = "INSERT INTO public.journal",
                                 .until = scenario::Hold::Until::two_stand}},
                      .lock_wait = std::chrono::milliseconds(1'500),
                      .key = scenario::Stage::Key::derived}}};
}

}  // namespace gauntlet::scenarios
