// One migration: the messages that run and record it, and what is told when one fails.
// Part of apply; belongs to the session's thread.
#pragma once

#include "runner/apply/applying.h"

namespace gauntlet::runner {

/// Runs the task and records it (downwards: removes its row), all or nothing unless its delivery is
/// outside a transaction. Throws: SqlError `migration-failed`, `not-recorded`, `lock-lost`,
/// `connection-lost`; Error `interrupted`, `copy-from-stdin`, `invalid-index`, `open-transaction`,
/// `hook-failed`; NotOurTurn. After any but a lost connection no transaction is open.
void apply_one(const Applying& applying, const Task& task);

}  // namespace gauntlet::runner
