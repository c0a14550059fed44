// The migration lock on SQLite: BEGIN IMMEDIATE, and a lock beside the file for what runs outside a
// transaction. Belongs to the session's thread.
#pragma once

#include "runner/values/lock.h"

#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>

namespace gauntlet::runner {

/// The session outlives it.
std::unique_ptr<Lock> make_transaction_lock(Session& session, std::int64_t key, std::string table);

/// nullopt if nobody has the lock on this SQLite database, or the system does not say.
std::optional<LockHolder> lock_holder(const std::filesystem::path& file);

}  // namespace gauntlet::runner
