// A migration that waits for a table's lock gives up, is rolled back and is tried again, so that no
// session queues behind it for longer than the lock timeout. Belongs to the session's thread.
#pragma once

#include "runner/apply/applying.h"

namespace gauntlet::runner {

/// Runs the task as apply_one() does, and the whole file again after each lock timeout, as often
/// and as long as RunOptions::lock_retries says, with growing pauses between. Reports each retry,
/// and the server's notices. Hooks run once; code and what runs outside a transaction are not tried
/// again. Throws: as apply_one(); Error `interrupted` during a pause.
void apply_with_retries(const Applying& applying, const Task& task);

}  // namespace gauntlet::runner
