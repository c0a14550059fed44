// The SQLite half of read_only().
#pragma once

#include "runner/values/session.h"

#include <functional>
#include <string>

namespace gauntlet::runner {

/// See read_only().
void read_sqlite(const std::string& database, const std::function<void(Session&)>& read);

}  // namespace gauntlet::runner
