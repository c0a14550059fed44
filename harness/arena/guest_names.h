// How a database of ours on a given server is named, and which of them a sweep may take.
#pragma once

#include "harness/arena/connection.h"
#include "harness/process/owner.h"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace gauntlet::arena {

/// `gauntlet_<owner>_<n>`, another one at each call.
std::string guest_name();
/// nullopt for a database that is not of that form.
std::optional<process::Owner> guest_owner(const std::string& database);

/// The key of the advisory lock that says: this owner lives.
std::int64_t life_key(const process::Owner& owner);
/// Whether any session in any database of this server holds it.
bool is_life_key_held(Connection& connection, const process::Owner& owner);

/// Names of that form that are not marked as kept and that this role may drop.
std::vector<std::string> guests_on(Connection& connection);
void mark_kept(Connection& connection, const std::string& database);

/// Drops those whose owner is dead: of this place by its pid, of another place only if the server
/// knows no session of it and nobody is in the database. Returns how many.
int sweep_guests(Connection& connection);

}  // namespace gauntlet::arena
