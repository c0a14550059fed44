#include "harness/run/seen_locks.h"

#include "harness/oracle/advisory_locks.h"

#include <algorithm>

namespace gauntlet::run {

namespace {

// A key of one number stands in two halves, and the third number tells which kind it is
// (PostgreSQL manual, "pg_locks").
constexpr const char* held_now =
    "SELECT CASE objsubid WHEN 1 THEN ((classid::bigint << 32) | objid::bigint)::text"
    " ELSE classid::bigint::bit(32)::int || ', ' || objid::bigint::bit(32)::int END"
    " FROM pg_catalog.pg_locks WHERE locktype = 'advisory' AND granted"
    " AND database = (SELECT oid FROM pg_catalog.pg_database WHERE datname = current_database())"
    " ORDER BY 1";

void add(std::vector<std::string>& all, std::string one) {
  if (std::ranges::find(all, one) == all.end()) all.push_back(std::move(one));
}

}  // namespace

SeenLocks::SeenLocks(gate::Gate& next, const arena::Address& database)
    : next_(next), connection_(database) {}

void SeenLocks::after(const core::Step& step, const core::Reply& reply) noexcept {
  try {
    for (const arena::Row& row : connection_.ask(held_now)) add(arguments_, row.at(0).value_or(""));
  } catch (const std::exception&) {
    // What was not seen here may be seen after the next step.
  }
  next_.after(step, reply);
}

std::vector<std::string> momentary_locks(const core::History& history) {
  std::vector<std::string> all;
  for (const oracle::Holding& holding : oracle::lock_story(history).holdings)
    if (holding.is_momentary()) add(all, holding.key);
  return all;
}

}  // namespace gauntlet::run
