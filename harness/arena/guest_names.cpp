#include "harness/arena/guest_names.h"

#include "harness/arena/create_database.h"
#include "harness/arena/folders.h"
#include "harness/core/fnv1a.h"

#include <limits>

#include <fmt/format.h>

namespace gauntlet::arena {
namespace {

using process::Owner;
constexpr std::string_view prefix = "gauntlet_";

bool is_in_use(Connection& connection, const std::string& database) {
  return connection.ask_one("SELECT count(*) > 0 FROM pg_stat_activity WHERE datname = $1",
                            {database}) == "t";
}

bool may_sweep(Connection& connection, const std::string& database) {
  const auto owner = guest_owner(database);
  if (!owner || owner->life() == Owner::Life::alive) return false;
  if (is_life_key_held(connection, *owner)) return false;
  return owner->life() == Owner::Life::dead || !is_in_use(connection, database);
}

}  // namespace

std::string guest_name() { return fmt::format("{}{}", prefix, owned_name()); }

std::optional<Owner> guest_owner(const std::string& database) {
  if (!database.starts_with(prefix)) return std::nullopt;
  return owner_in(database.substr(prefix.size()));
}

std::int64_t life_key(const Owner& owner) {
  const std::uint64_t hash = core::fnv1a("gauntlet owner " + owner.text());
  return static_cast<std::int64_t>(hash & std::numeric_limits<std::int64_t>::max());
}

bool is_life_key_held(Connection& connection, const Owner& owner) {
  return connection.ask_one(
             "SELECT count(*) > 0 FROM pg_locks WHERE locktype = 'advisory' AND objsubid = 1 "
             "AND granted AND (classid::bigint << 32) | objid::bigint = $1::bigint",
             {std::to_string(life_key(owner))}) == "t";
}

std::vector<std::string> guests_on(Connection& connection) {
  std::vector<std::string> names;
  const auto rows = connection.ask(
      "SELECT datname FROM pg_database WHERE datname LIKE 'gauntlet\\_%' "
      "AND pg_has_role(datdba, 'USAGE') "
      "AND coalesce(shobj_description(oid, 'pg_database'), '') <> 'kept by gauntlet'");
  for (const Row& row : rows) {
    if (guest_owner(row[0].value_or(""))) names.push_back(*row[0]);
  }
  return names;
}

void mark_kept(Connection& connection, const std::string& database) {
  connection.run(
      fmt::format("COMMENT ON DATABASE {} IS 'kept by gauntlet'", connection.identifier(database)));
}

int sweep_guests(Connection& connection) {
  int dropped = 0;
  for (const std::string& database : guests_on(connection)) {
    if (!may_sweep(connection, database)) continue;
    try {
      drop_database(connection, database);
      ++dropped;
    } catch (const StatementError&) {
      if (connection.is_lost()) throw;  // else it stays for the next sweep
    }
  }
  return dropped;
}

}  // namespace gauntlet::arena
