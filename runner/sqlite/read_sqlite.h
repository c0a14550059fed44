// The SQLite half of read_only().
#pragma once

#include "runner/values/session.h"
#include "runner/values/sql_dialect.h"

#include <functional>
#include <string>

namespace gauntlet::runner {

/// See read_only().
void read_sqlite_file(const std::string& database, const std::function<void(Session&)>& read,
                      const SqlDialect& dialect);

}  // namespace gauntlet::runner
