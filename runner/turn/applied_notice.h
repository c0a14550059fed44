// What the last commit of a run tells those who wait for it: which migrations the tracker holds
// now. A notification is delivered once its transaction is committed, or never; so whoever has
// exactly these migrations can leave without reading them. Pure. Any thread may call.
#pragma once

#include "runner/values/migration.h"
#include "runner/values/plan.h"

#include <string>
#include <vector>

namespace gauntlet::runner {

/// `applied` and a sha256 over the tracker's name, for two of them may share a lock key, and over
/// version, name and checksum of each of its rows, in the order of versions.
std::string applied_notice(const std::string& tracker, std::vector<AppliedRow> rows);

/// Whether `payload` says that `tracker` holds just `migrations`: each of them, as it is here, and
/// no other.
bool says_that_all_is_applied(const std::string& payload, const std::string& tracker,
                              const std::vector<Migration>& migrations);

/// The row that records `migration`, but for the time.
AppliedRow row_of(const Migration& migration);

}  // namespace gauntlet::runner
