// Is a failing migration broken, or does this server lack what it may expect? Decided by SQLSTATE,
// the catalogue and the names in the parse tree, never by a message's text. Reads through the
// caller's session, on the caller's thread.
#pragma once

#include "runner/values/migration.h"
#include "runner/values/session.h"

#include <optional>
#include <span>
#include <string>

namespace gauntlet::verify {

/// What `migrations` name and this database's server does not have: extensions that are not
/// installed, roles, collations and languages that no migration creates, tablespaces. Tells what
/// supplies it; nullopt if nothing is missing. The session must be able to run queries. Throws:
/// SqlError.
std::optional<std::string> environment_fault(runner::Session& session,
                                             std::span<const runner::Migration> migrations);

/// The same for one migration that failed with `said`: nullopt also where its SQLSTATE tells of
/// another reason. `all` is the whole set, which may create the roles that the failing one names.
std::optional<std::string> environment_fault(runner::Session& session,
                                             const runner::Migration& failing,
                                             const runner::ServerMessage& said,
                                             std::span<const runner::Migration> all);

}  // namespace gauntlet::verify
