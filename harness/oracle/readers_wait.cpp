// A migration waits for its table while somebody else reads it, and every later reader waits behind
// the migration. Asked after every run in which somebody used a table meanwhile.
#include "harness/oracle/judges.h"
#include "harness/oracle/waits.h"

#include <algorithm>

#include <fmt/format.h>

namespace gauntlet::oracle {

namespace {

/// A runner that gives up after a second and tries again keeps nobody waiting for longer.
constexpr std::chrono::milliseconds wait_max{2'000};

}  // namespace

core::Judgement readers_wait(const Observation& observation) {
  const auto longest = std::ranges::max_element(observation.table_waits, {}, &TableWait::longest);
  if (longest == observation.table_waits.end() || longest->longest < wait_max) return {};
  const auto replica = replica_of(observation.history, longest->backend_pid);
  const std::string who = replica ? fmt::format("replica {}", *replica)
                                  : fmt::format("server process {}", longest->backend_pid);
  return core::judged(
      {{.id = "readers-wait",
        .message = fmt::format(
            "{} waited {:.1f} s for the ACCESS EXCLUSIVE lock on {}, which another session was "
            "using; every session that came to the table meanwhile waited behind it",
            who, std::chrono::duration<double>(longest->longest).count(), longest->table),
        .fix = "set lock_timeout to a second or less for each migration, and try again after a "
               "pause"}});
}

}  // namespace gauntlet::oracle
