#include "harness/wire_mutant/mutants.h"

namespace gauntlet::wire_mutant {

const std::vector<WireMutant>& wire_mutants() {
  static const std::vector<WireMutant> all = {
      {Kind::lock_is_noop,
       "lock-is-noop",
       "takes its lock, and the lock keeps nobody out",
       {"concurrency/pending", "concurrency/data-only", "concurrency/slow-first",
        "concurrency/staggered"}},
      {Kind::key_per_connection,
       "key-per-connection",
       "takes its advisory lock under another key on every connection",
       {"concurrency/pending", "concurrency/data-only", "concurrency/slow-first"}},
      {Kind::unlock_is_noop, "unlock-is-noop",
       "is told that its advisory lock was given back, and it was not"},
      {Kind::begin_commit_dropped,
       "begin-commit-dropped",
       "is told that its transactions begin and end, and there are none",
       {"transactions/atomic-apply"}},
      {Kind::tracker_row_hidden,
       "tracker-row-hidden",
       "reads its tracker, and finds it empty",
       {"concurrency/already-applied", "concurrency/data-only"}},
      {Kind::tracker_constraint_dropped, "tracker-constraint-dropped",
       "has a tracker without primary key and unique index"},
  };
  return all;
}

}  // namespace gauntlet::wire_mutant
