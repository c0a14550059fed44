// Sessions with PostgreSQL: what a program that migrates no other engine includes and links
// (gauntlet::postgres).
#pragma once

#include "runner/values/session.h"
#include "runner/values/sql_dialect.h"

#include <memory>
#include <string>

namespace gauntlet::runner {

/// Connects by URL or keyword string (libpq); default encoding UTF8.
/// Throws: Error `connect-failed` with the password masked.
std::unique_ptr<Session> connect_postgres(const std::string& conninfo,
                                          const ConnectOptions& options = {});

/// A new connection for each session. Any thread may acquire one.
std::unique_ptr<SessionSource> postgres_sessions(std::string conninfo, ConnectOptions options = {});

/// What every session with PostgreSQL returns as its dialect.
const SqlDialect& postgres_dialect();

}  // namespace gauntlet::runner
