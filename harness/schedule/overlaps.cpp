#include "harness/schedule/overlaps.h"

#include <algorithm>
#include <iterator>
#include <utility>

#include <fmt/format.h>

namespace gauntlet::schedule {

namespace {

using sql::Contested;
using What = Contested::What;

/// Of our lock: a class of its own, which no runner's key can meet.
constexpr const char* lock_key = "1735290732, 1869901421";

/// The trigger's function asks for the lock and gives it back, so nothing of it is left. Its rights
/// are ours: the runner's role may not be let into our schema.
constexpr const char* function = R"(
CREATE SCHEMA IF NOT EXISTS gauntlet_overlap;
CREATE OR REPLACE FUNCTION gauntlet_overlap.stand() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER AS $$
BEGIN
  PERFORM pg_catalog.pg_advisory_lock_shared({0});
  PERFORM pg_catalog.pg_advisory_unlock_shared({0});
  RETURN NULL;
END $$;
)";

constexpr const char* trigger =
    "CREATE OR REPLACE TRIGGER gauntlet_overlap BEFORE INSERT OR UPDATE OR DELETE ON {} FOR EACH "
    "STATEMENT EXECUTE FUNCTION gauntlet_overlap.stand()";

/// Modes that keep others from writing: whoever has one orders the two statements already.
constexpr const char* orders_writers = R"(
SELECT EXISTS (SELECT FROM pg_locks WHERE relation = to_regclass($1) AND granted AND pid <> pg_backend_pid()
  AND mode IN ('ShareLock', 'ShareRowExclusiveLock', 'ExclusiveLock', 'AccessExclusiveLock')))";

std::string twin_of(const Contested& contested) {
  switch (contested.what) {
    case What::relation:
      return fmt::format("CREATE TABLE {} ()", contested.name);
    case What::schema:
      return fmt::format("CREATE SCHEMA {}", contested.name);
    case What::type:
      return fmt::format("CREATE TYPE {} AS ()", contested.name);
    case What::rows:
      break;
  }
  return {};
}

}  // namespace

void Overlaps::note(std::uint64_t fingerprint, const std::string& sql) {
  const std::lock_guard held(mutex_);
  if (contested_by_.contains(fingerprint)) return;
  const auto [noted, is_new] = contested_by_.emplace(fingerprint, sql::contested_by(sql));
  for (const Contested& contested : noted->second)
    if (contested.what == What::rows) tables_.insert(contested.name);
}

std::optional<Contested> Overlaps::common(std::uint64_t one, std::uint64_t other) {
  const std::lock_guard held(mutex_);
  const auto first = contested_by_.find(one), second = contested_by_.find(other);
  if (first == contested_by_.end() || second == contested_by_.end()) return std::nullopt;
  return sql::common(first->second, second->second);
}

std::optional<Contested> Overlaps::between(std::uint64_t one, std::uint64_t other) {
  auto contested = common(one, other);
  if (contested && !is_contested(*contested)) contested.reset();
  return contested;
}

bool Overlaps::is_contested(const Contested& contested) {
  const auto holds = [&](const char* query) {
    return ours_.ask_one(query, {contested.name}) == "t";
  };
  switch (contested.what) {
    case What::rows:
      return holds("SELECT to_regclass($1) IS NOT NULL") && !holds(orders_writers);
    case What::relation:
      return holds("SELECT to_regclass($1) IS NULL");
    case What::schema:
      return holds("SELECT to_regnamespace($1) IS NULL");
    case What::type:
      return holds("SELECT to_regtype($1) IS NULL");
  }
  return false;
}

bool Overlaps::hold(const Contested& contested) {
  is_unclean_ = true;
  try {
    // Whoever has a lock in the way keeps it until we let it go on.
    ours_.run("SET lock_timeout = '200ms'; SET client_min_messages = error");
    if (contested.what == What::rows) return hold_rows(contested.name);
    ours_.run("BEGIN; " + twin_of(contested));
    return true;
  } catch (const arena::StatementError&) {
    release();
    return false;
  }
}

std::vector<std::string> Overlaps::tables_to_prepare() {
  const std::lock_guard held(mutex_);
  std::vector<std::string> tables;
  std::ranges::set_difference(tables_, prepared_, std::back_inserter(tables));
  return tables;
}

void Overlaps::prepare() {
  for (const std::string& table : tables_to_prepare())
    if (ours_.ask_one("SELECT to_regclass($1) IS NOT NULL", {table}) == "t" &&
        is_made_at_once(table))
      prepared_.insert(table);
}

bool Overlaps::is_made_at_once(const std::string& table) {
  is_unclean_ = true;
  try {
    ours_.run("SET client_min_messages = error; BEGIN");
    ours_.run(fmt::format("LOCK TABLE {} IN SHARE ROW EXCLUSIVE MODE NOWAIT", table));
    ours_.run(fmt::format(function, lock_key) + fmt::format(trigger, table) + "; COMMIT");
    return true;
  } catch (const arena::StatementError&) {
    ours_.run("ROLLBACK");
    return false;
  }
}

bool Overlaps::hold_rows(const std::string& table) {
  if (!prepared_.contains(table)) {
    ours_.run(fmt::format(function, lock_key));
    ours_.run(fmt::format(trigger, table));
    prepared_.insert(table);
  }
  ours_.run(fmt::format("SELECT pg_advisory_lock({})", lock_key));
  return true;
}

void Overlaps::release() noexcept {
  try {
    ours_.run("ROLLBACK");
    ours_.run("SELECT pg_advisory_unlock_all()");
  } catch (const std::exception&) {
    // The connection is gone, and with it what it held.
  }
}

void Overlaps::clean() {
  prepared_.clear();
  if (!std::exchange(is_unclean_, false)) return;
  ours_.run("SET lock_timeout = '5s'; DROP SCHEMA IF EXISTS gauntlet_overlap CASCADE");
}

}  // namespace gauntlet::schedule
