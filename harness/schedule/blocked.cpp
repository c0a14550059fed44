#include "harness/schedule/blocked.h"

#include <set>

#include <fmt/format.h>
#include <fmt/ranges.h>

namespace gauntlet::schedule {

namespace {

std::string array_of(const std::vector<int>& backends) {
  return fmt::format("{{{}}}", fmt::join(backends, ","));
}

bool reaches(const Blocked& blocked, int from, int to, std::set<int>& seen) {
  const auto waits = blocked.find(from);
  if (waits == blocked.end()) return false;
  for (const int next : waits->second) {
    if (next == to) return true;
    if (seen.insert(next).second && reaches(blocked, next, to, seen)) return true;
  }
  return false;
}

}  // namespace

Blocked BlockedSessions::query(const std::vector<int>& backends) {
  Blocked blocked;
  const auto rows = server_.ask(
      "SELECT pid, blocker FROM unnest($1::int[]) pid, unnest(pg_blocking_pids(pid)) blocker",
      {array_of(backends)});
  for (const arena::Row& row : rows)
    blocked[std::stoi(row.text(0))].push_back(std::stoi(row.at(1).value_or("0")));
  return blocked;
}

void BlockedSessions::cancel(int backend) {
  server_.ask("SELECT pg_cancel_backend($1::int)", {std::to_string(backend)});
}

void BlockedSessions::terminate(const std::vector<int>& backends) {
  server_.ask("SELECT pg_terminate_backend(pid) FROM unnest($1::int[]) pid", {array_of(backends)});
}

std::vector<int> cycle_in(const Blocked& blocked) {
  std::vector<int> cycle;
  for (const auto& [backend, blockers] : blocked) {
    std::set<int> seen;
    if (reaches(blocked, backend, backend, seen)) cycle.push_back(backend);
  }
  return cycle;
}

}  // namespace gauntlet::schedule
