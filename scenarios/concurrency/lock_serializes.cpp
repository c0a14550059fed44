#include "scenarios/fixtures.h"
#include "scenarios/scenarios.h"

namespace gauntlet::scenarios {

scenario::Scenario lock_serializes() {
  std::vector<std::string_view> oracles = deploy_oracles();
  oracles.emplace_back("nobody-passes");
  return {.id = "concurrency/lock-serializes",
          .claim =
              "while another client holds the migration lock, no replica applies anything; "
              "afterwards all finish",
          .why = "a lock that another client's lock does not exclude protects nothing",
          .stages = {{.name = "deploy",
                      .files = orders_files(),
                      .foreign_lock = scenario::ForeignLock{},
                      .oracles = oracles}},
          .fixture = scenario::Fixture::replaceable,
          .claims = {"nobody-passes"}};
}

}  // namespace gauntlet::scenarios
