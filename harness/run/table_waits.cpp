#include "harness/run/table_waits.h"

#include <algorithm>
#include <charconv>
#include <set>

namespace gauntlet::run {

void TableWaits::look() {
  const auto now = std::chrono::steady_clock::now();
  const auto rows = connection_.ask(
      "SELECT l.pid::text, c.oid::pg_catalog.regclass::text FROM pg_catalog.pg_locks l"
      " JOIN pg_catalog.pg_class c ON c.oid = l.relation"
      " JOIN pg_catalog.pg_database d ON d.oid = l.database"
      " WHERE NOT l.granted AND l.mode = 'AccessExclusiveLock'"
      " AND d.datname = pg_catalog.current_database()");
  std::set<Who> waiting;
  for (const arena::Row& row : rows) {
    const std::string pid = row.at(0).value_or("0");
    int number = 0;
    std::from_chars(pid.data(), pid.data() + pid.size(), number);
    waiting.emplace(number, row.at(1).value_or(""));
  }
  for (auto& [who, seen] : seen_)
    if (!waiting.contains(who)) seen.waits = false;
  for (const Who& who : waiting) {
    Seen& seen = seen_[who];
    if (!seen.waits) seen.since = now;
    seen.waits = true;
    seen.longest = std::max(
        seen.longest, std::chrono::duration_cast<std::chrono::milliseconds>(now - seen.since));
  }
}

std::vector<oracle::TableWait> TableWaits::longest() const {
  std::vector<oracle::TableWait> waits;
  waits.reserve(seen_.size());
  for (const auto& [who, seen] : seen_)
    waits.push_back({.backend_pid = who.first, .table = who.second, .longest = seen.longest});
  return waits;
}

}  // namespace gauntlet::run
