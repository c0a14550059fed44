#include "harness/verify/relations.h"

#include <algorithm>
#include <charconv>
#include <set>
#include <utility>

#include <fmt/format.h>

namespace gauntlet::verify {

namespace {

// Tables, partitioned tables, materialized views, views, foreign tables and sequences. The locks of
// indexes and toast tables follow those of their table.
constexpr std::string_view kinds = "('r', 'p', 'm', 'v', 'f', 'S')";

constexpr std::string_view columns =
    "c.oid, n.nspname, c.relname, c.relfilenode FROM pg_catalog.pg_class c "
    "JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace";

using Row = std::vector<std::optional<std::string>>;

std::uint32_t number(const std::optional<std::string>& text) {
  std::uint32_t value = 0;
  if (text) std::from_chars(text->data(), text->data() + text->size(), value);
  return value;
}

Relation relation_of(const Row& row, std::size_t first) {
  return {.name = fmt::format("{}.{}", row.at(first).value_or(""), row.at(first + 1).value_or("")),
          .node = number(row.at(first + 2))};
}

bool by_name(const core::RelationLock& a, const core::RelationLock& b) {
  return a.relation < b.relation;
}

}  // namespace

Relations::Relations(runner::Session& session) {
  const runner::Result found = session.query(
      fmt::format("SELECT {} WHERE c.oid >= 16384 AND c.relkind IN {} AND c.relpersistence <> 't'",
                  columns, kinds));
  for (const Row& row : found.rows) remember(number(row.at(0)), relation_of(row, 1));
  const runner::Result newest = session.query(
      "SELECT max(oid), (SELECT max(relfilenode) FROM pg_catalog.pg_class) FROM "
      "pg_catalog.pg_class");
  newest_ = std::max(number(newest.rows.at(0).at(0)), number(newest.rows.at(0).at(1)));
}

void Relations::remember(std::uint32_t oid, Relation relation) {
  newest_ = std::max({newest_, oid, relation.node});
  known_.insert_or_assign(oid, std::move(relation));
}

std::string_view Relations::locks_query() {
  return "SELECT l.relation, n.nspname, c.relname, c.relfilenode, l.mode "
         "FROM pg_catalog.pg_locks l "
         "LEFT JOIN pg_catalog.pg_class c ON c.oid = l.relation "
         "LEFT JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace "
         "WHERE l.pid = pg_catalog.pg_backend_pid() AND l.locktype = 'relation' "
         "AND l.relation >= 16384 "
         "AND (c.oid IS NULL OR c.relkind IN ('r', 'p', 'm', 'v', 'f', 'S') "
         "AND c.relpersistence <> 't')";
}

std::vector<core::RelationLock> Relations::after_transaction(const runner::Result& locks,
                                                             const SeenLocks& seen,
                                                             Clock::time_point began,
                                                             Clock::time_point ended) {
  std::map<std::uint32_t, core::RelationLock> taken;
  std::map<std::uint32_t, Relation> now;
  for (const Row& row : locks.rows) {
    const std::uint32_t oid = number(row.at(0));
    const std::string mode = row.at(4).value_or("");
    if (row.at(2)) now.insert_or_assign(oid, relation_of(row, 1));
    const auto before = known_.find(oid);
    if (before == known_.end()) continue;
    core::RelationLock& lock = taken[oid];
    lock.relation = before->second.name;
    if (lock_strength(mode) > lock_strength(lock.mode)) lock.mode = mode;
    lock.rewritten = row.at(2) && now.at(oid).node != before->second.node;
    const auto sample = seen.find(oid);
    lock.held = ended - (sample == seen.end() ? began : sample->second.first_seen);
  }
  for (auto& [oid, relation] : now) remember(oid, std::move(relation));
  std::vector<core::RelationLock> result;
  result.reserve(taken.size());
  for (auto& [oid, lock] : taken) result.push_back(std::move(lock));
  std::sort(result.begin(), result.end(), by_name);
  return result;
}

std::vector<core::RelationLock> Relations::after_sampling(runner::Session& session,
                                                          const SeenLocks& seen) {
  std::string sampled = "0";
  for (const auto& [oid, lock] : seen) sampled += fmt::format(",{}", oid);
  // New relations and new files on disk have greater numbers: two index scans find them.
  const runner::Result changed = session.query(
      fmt::format("SELECT {0} WHERE c.relkind IN {1} AND c.relpersistence <> 't' AND c.oid IN "
                  "(SELECT oid FROM pg_catalog.pg_class "
                  "WHERE oid > {2} OR oid IN ({3}) UNION SELECT oid FROM pg_catalog.pg_class "
                  "WHERE reltablespace = 0 AND relfilenode > {2})",
                  columns, kinds, newest_, sampled));
  std::set<std::uint32_t> rewritten;
  std::map<std::uint32_t, Relation> now;
  for (const Row& row : changed.rows) {
    const std::uint32_t oid = number(row.at(0));
    Relation relation = relation_of(row, 1);
    const auto before = known_.find(oid);
    if (before != known_.end() && before->second.node != relation.node) rewritten.insert(oid);
    now.insert_or_assign(oid, std::move(relation));
  }
  std::vector<core::RelationLock> result;
  for (const auto& [oid, lock] : seen) {
    const auto before = known_.find(oid);
    if (before == known_.end()) continue;
    result.push_back({.relation = before->second.name,
                      .mode = lock.mode,
                      .held = lock.last_seen - lock.first_seen,
                      .rewritten = rewritten.erase(oid) > 0});
  }
  for (const std::uint32_t oid : rewritten) {
    // A new file on disk takes this lock, however short it was.
    result.push_back(
        {.relation = known_.at(oid).name, .mode = "AccessExclusiveLock", .rewritten = true});
  }
  for (auto& [oid, relation] : now) remember(oid, std::move(relation));
  std::sort(result.begin(), result.end(), by_name);
  return result;
}

}  // namespace gauntlet::verify
