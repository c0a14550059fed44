// A migration that runs outside a transaction, with a mark that tells how far it came.
// Part of apply; belongs to the session's thread.
#pragma once

#include "runner/apply_one.h"
#include "runner/message.h"

#include <vector>

namespace gauntlet::runner {

/// A mark before each statement (or before the whole file), the row afterwards in its place.
void apply_outside(const Applying& applying, const Migration& migration, Delivery delivery,
                   Turn turn);

/// What ends every migration's last transaction: settings, proof of lock, the row, COMMIT.
std::vector<OwnStatement> record_statements(const Applying& applying, const Migration& migration,
                                            Turn turn);

/// Ends the transaction that a failure left open, if there is one.
void roll_back(Session& session);

}  // namespace gauntlet::runner
