// Sessions by URL, whichever engine it names (gauntlet::runner).
#pragma once

#include "runner/postgres.h"
#include "runner/sqlite.h"
#include "runner/values/engine.h"
#include "runner/values/session.h"

#include <memory>
#include <string>

namespace gauntlet::runner {

/// Throws: as connect_postgres() or connect_sqlite().
std::unique_ptr<Session> connect(const std::string& database, const ConnectOptions& options = {});

/// A new connection for each session. Any thread may acquire one.
std::unique_ptr<SessionSource> sessions_of(std::string database, ConnectOptions options = {});

const SqlDialect& dialect_of(Engine engine);

}  // namespace gauntlet::runner
