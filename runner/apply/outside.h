// A migration that runs outside a transaction, with a mark that tells how far it came.
// Part of apply; belongs to the session's thread.
#pragma once

#include "runner/apply/applying.h"

#include <optional>

namespace gauntlet::runner {

/// A mark tells how far it came (or that the whole file was sent); the record takes its place.
void apply_outside(const Applying& applying, const Task& task);

/// Goes on with the statement `from` (counted from 1), or, without it, where `mark` and the
/// catalogue say that an earlier run stopped; and records. Repeats the settings of the statements
/// before, and repairs what the statement left. Throws: as apply_one(); Error `edited-after-apply`
/// if the file is not the one that ran, `bad-amount` if it cannot go on with that statement,
/// `needs-from` if only a person can tell whether it took effect, `not-resumable` for a file that
/// was sent whole or has lost its temporary tables, `invalid-index`, `not-repaired`.
void resume_outside(const Applying& applying, const Task& task, const Mark& mark,
                    std::optional<int> from);

/// The task whose file left `mark`. Checksums tell the two files apart, unless their bytes are the
/// same; a version that is recorded in `applied` was on its way down.
Task task_of(const Mark& mark, const Migration& migration, const AppliedSet& applied);

/// Throws: Error `in-progress` for a mark that was read of a migration of `on_disk`: nobody runs
/// it, though it was not recorded.
void refuse_in_progress(const Applying& applying, const std::vector<Migration>& on_disk);

}  // namespace gauntlet::runner
