// What a migration leaves in its session that no COMMIT or ROLLBACK ends and that the next one
// would meet: temporary objects, prepared statements, held cursors, channels, advisory locks.
// PostgreSQL's. Belongs to the session's thread.
#pragma once

#include "runner/apply/applying.h"
#include "runner/apply/outside_rules.h"

#include <memory>

namespace gauntlet::runner {

/// Of what runs `task` next. Null where nothing needs to be undone: the text shows that the task
/// leaves nothing, or the session ends after it. Of a caller's pool, what stood before stays.
/// restore() throws: Error `not-restored`; SqlError if the connection was lost.
std::unique_ptr<Kept> keep_session(const Applying& applying, const Task& task);

}  // namespace gauntlet::runner
