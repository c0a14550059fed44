// Applies what is pending: lock, read, plan, run, record. The library's main door.
#pragma once

#include "runner/source/source.h"
#include "runner/values/error.h"
#include "runner/values/run.h"
#include "runner/values/session.h"

#include <cstdint>
#include <vector>

namespace gauntlet::runner {

/// Applies every pending migration in ascending order and returns those that THIS call applied.
/// Throws: Error (refused, interrupted, lock wait too long, failed elsewhere), SqlError (a
/// statement failed).
std::vector<Version> up(SessionSource& sessions, const Listing& listing, const RunOptions& options,
                        const Observer& observer = {});

/// How far down.
struct DownAmount {
  enum class Kind {
    steps,  ///< that many, from the highest applied
    to,     ///< every one above the version `value`, which stays
    all,
  };

  Kind kind;
  std::int64_t value = 0;
};

/// Rolls back what is applied and on disk, in descending order, each body and its row in one
/// transaction; returns what THIS call rolled back. Refuses before anything runs where a version
/// has no down. Throws: as up(); Error `no-down`, `bad-amount`, `unknown-version`.
std::vector<Version> down(SessionSource& sessions, const Listing& listing, DownAmount amount,
                          const RunOptions& options, const Observer& observer = {});

/// What `up` would run, in order, and what would make it refuse. Writes nothing, waits for nobody.
struct Preview {
  struct Step {
    const Migration* migration;  ///< of the listing
    Delivery delivery;
  };
  std::vector<Step> pending;
  std::vector<Error> problems;
};
Preview preview(Session& session, const Listing& listing, const RunOptions& options);

}  // namespace gauntlet::runner
