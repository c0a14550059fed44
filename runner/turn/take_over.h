// Makes a database ours: the tracker's tables, and what the predecessor had applied.
// Belongs to the session's thread.
#pragma once

#include "runner/tracker/tracker.h"
#include "runner/values/lock.h"
#include "runner/values/migration.h"
#include "runner/values/session.h"

#include <chrono>
#include <string>
#include <vector>

namespace gauntlet::runner {

struct TakenOver {
  Reading reading;  ///< afterwards
  std::vector<std::string> notes;
};

struct TakeOverOptions {
  std::string legacy_table = {};  ///< as TrackerOptions has it
  /// How long a predecessor that is writing its table is waited for.
  std::chrono::milliseconds patience{30'000};
};

/// Creates what is missing and, on an empty applied set, records what a clean predecessor had
/// applied; in one transaction, and nothing if it is all there. The migration lock is held, or
/// taken in that transaction. Throws: NotOurTurn if another has it then; Error `legacy-dirty`,
/// `foreign-legacy-table`; SqlError `cannot-prepare-tracker`.
TakenOver take_over(Session& session, const Tracker& tracker, const Lock& lock,
                    const Reading& before, const std::vector<Migration>& available,
                    const TakeOverOptions& options);

}  // namespace gauntlet::runner
