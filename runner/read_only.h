// Looking at a database without touching it: what `check`, `status` and `plan` do it through.
#pragma once

#include "runner/inspect.h"
#include "runner/source/source.h"
#include "runner/values/session.h"

#include <functional>
#include <string>

namespace gauntlet::runner {

/// Calls `read` with a session on the database; `read` sends nothing that writes.
///
/// On SQLite no file of the database's folder is made, removed or changed, and nobody is kept
/// waiting: `read` is called again where the file changed under it. On PostgreSQL it is an ordinary
/// connection.
/// Throws: as connect() and `read`; Error `no-such-database`, `connect-failed`, `hot-journal` (a
/// writer died in mid-transaction, and only a writer may repair that), `busy` (after a second of
/// trying).
void read_only(const std::string& database, const std::function<void(Session&)>& read);

/// check() of inspect.h through read_only().
Check check(const std::string& database, const Listing& listing,
            const TrackerOptions& options = {});

}  // namespace gauntlet::runner
