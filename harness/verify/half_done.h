// A file that meets its own objects: which of its statements were run before it began. Reads
// through the caller's session, on the caller's thread.
#pragma once

#include "runner/values/migration.h"
#include "runner/values/session.h"

#include <span>
#include <string>
#include <vector>

namespace gauntlet::verify {

/// Does the SQLSTATE say that an object is there already?
bool is_about_an_object_there(const runner::ServerMessage& said);

/// `statement 1 (table a)`, for each statement of `failed` whose object is there and is created by
/// no other file. The session stands where the file began. Throws: SqlError.
std::vector<std::string> statements_done_before(runner::Session& session,
                                                const runner::Migration& failed,
                                                std::span<const runner::Migration> all);

/// The owner of the relation, function or schema that the message names; empty if there is none.
/// Throws: SqlError.
std::string owner_of_named(runner::Session& session, const runner::ServerMessage& said);

}  // namespace gauntlet::verify
