// What a person decides about one version: an edit that is meant, a migration that stopped outside
// a transaction. Each takes the migration lock as `up` does. A call belongs to one thread.
#pragma once

#include "runner/apply.h"

#include <optional>

namespace gauntlet::runner {

/// Records the checksum of the file as it stands now. Throws: Error `unknown-version`.
void accept(SessionSource& sessions, const Listing& listing, Version version,
            const RunOptions& options, const Observer& observer = {});

/// Goes on with a migration that stopped outside a transaction, at its statement `from` (default:
/// where its mark and the catalogue say), or at resume_at_end, and records it. Throws: as up();
/// Error `not-in-progress`, and as resume_outside().
void resume(SessionSource& sessions, const Listing& listing, Version version,
            std::optional<int> from, const RunOptions& options, const Observer& observer = {});

/// Removes the mark of one that stopped, so that its file runs from its start again. Throws: Error
/// `not-in-progress`.
void forget(SessionSource& sessions, const Listing& listing, Version version,
            const RunOptions& options, const Observer& observer = {});

}  // namespace gauntlet::runner
