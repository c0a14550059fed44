// Files that are pending below a version that the given database has applied, and what becomes of
// them. Pure.
#pragma once

#include "harness/core/snapshot.h"
#include "harness/core/verdict.h"
#include "harness/verify/pending.h"

#include <cstdint>
#include <set>
#include <string>

namespace gauntlet::verify {

/// Versions; none where the tracker keeps only the newest one.
std::set<std::int64_t> late_versions(const AppliedState& state);

/// A line for a person; empty where no file came late.
std::string told_of_late(const std::set<std::int64_t>& late, const AppliedState& state);

/// Where the tracker keeps only the newest version, a late file shows in nothing but its absence:
/// if something that the fresh database has and the upgraded one lacks stands in files below that
/// version, the finding becomes `hole-skipped` and names them.
void name_skipped_files(core::Judgement& judgement, const runner::Listing& listing,
                        const AppliedState& state, const core::Snapshot& fresh,
                        const core::Snapshot& upgraded);

}  // namespace gauntlet::verify
