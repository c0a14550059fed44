// A migration that runs outside a transaction, with a mark that tells how far it came.
// Part of apply; belongs to the session's thread.
#pragma once

#include "runner/apply/applying.h"

namespace gauntlet::runner {

/// A mark before each statement (or before the whole file), the record afterwards in its place.
void apply_outside(const Applying& applying, const Task& task);

/// Goes on where `mark` says that an earlier run stopped, with the statement `from` (counted from
/// 1), and records. Throws: as apply_one(); Error `edited-after-apply` if the file is not the one
/// that ran, `bad-amount` if it has no such statement, `invalid-index` while one stands in the way.
void resume_outside(const Applying& applying, const Task& task, const Mark& mark, int from);

/// The task whose file left `mark`: the down if its checksum says so.
Task task_of(const Mark& mark, const Migration& migration);

/// What is told of a migration whose mark stands though nobody runs it: code `in-progress`.
Error in_progress_error(const Applying& applying, const Mark& mark, const Migration& migration);

}  // namespace gauntlet::runner
