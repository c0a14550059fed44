// Sessions with a SQLite file: what a program that migrates no other engine includes and links
// (gauntlet::sqlite).
#pragma once

#include "runner/values/session.h"
#include "runner/values/sql_dialect.h"

#include <functional>
#include <memory>
#include <string>

namespace gauntlet::runner {

/// Opens the file of `sqlite:PATH`. Foreign keys are enforced.
/// Throws: Error `connect-failed`, `no-such-database`.
std::unique_ptr<Session> connect_sqlite(const std::string& database,
                                        const ConnectOptions& options = {});

/// A new connection for each session. Any thread may acquire one.
std::unique_ptr<SessionSource> sqlite_sessions(std::string database, ConnectOptions options = {});

/// Calls `read` with a session that changes no file of the database's folder; see read_only().
void read_sqlite(const std::string& database, const std::function<void(Session&)>& read);

/// What every session with SQLite returns as its dialect.
const SqlDialect& sqlite_dialect();

}  // namespace gauntlet::runner
