// What one run of a runner shows on the wire of how it locks and records, whatever a race makes of
// it: luck may keep sixteen replicas apart, and a runner that records first leaves no trace if
// nothing fails. Pure.
#pragma once

#include "harness/core/history.h"
#include "harness/core/verdict.h"
#include "harness/truth/framing.h"

#include <set>
#include <string>
#include <vector>

namespace gauntlet::verify {

/// How it locks: `unlocked-before-commit`, `unlock-ignored`.
std::vector<core::Finding> flaws_of_lock(const core::History& alone);

/// Does it take a lock of the server that others meet: an advisory one, a table's or rows'?
bool locks_at_the_server(const core::History& alone);

/// `recorded-before-applied`: rows of `trackers` are committed before the first statement of the
/// files, and none is written after their last.
std::vector<core::Finding> flaws_of_records(const core::History& alone,
                                            const std::vector<truth::File>& files,
                                            const std::set<std::string>& trackers);

}  // namespace gauntlet::verify
