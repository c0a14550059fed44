// Whom a server runs as: PostgreSQL refuses root. Any thread may call.
#pragma once

#include "harness/process/process.h"

#include <optional>

namespace gauntlet::arena {

/// For root `postgres`, or `nobody` where there is no such account; nullopt for anybody else, who
/// runs servers as himself.
std::optional<process::Account> server_account();

}  // namespace gauntlet::arena
