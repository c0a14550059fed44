#include "harness/crash/cell_watch.h"

#include <chrono>

namespace gauntlet::crash {

namespace {

constexpr std::chrono::milliseconds leave_interval{2};
/// What a server is given to notice that a client has gone.
constexpr std::chrono::milliseconds leave_max{10'000};

}  // namespace

CellWatch::CellWatch(const arena::Database& database)
    : maintenance_(database.maintenance()), database_(database.address().database()) {
  connect_again();
}

void CellWatch::connect_again() { connection_.emplace(maintenance_); }

void CellWatch::terminate(int backend) {
  ask_to_end(backend);
  wait_until_none("pid = $1::int", std::to_string(backend));
}

void CellWatch::ask_to_end(int backend) {
  connection_->ask("SELECT pg_catalog.pg_terminate_backend($1::int)", {std::to_string(backend)});
}

bool CellWatch::is_anybody_waiting() {
  return !connection_
              ->ask(
                  "SELECT pid FROM pg_catalog.pg_stat_activity WHERE datname = $1 AND "
                  "wait_event_type = 'Lock'",
                  {database_})
              .empty();
}

bool CellWatch::wait_until_none(const std::string& which, const std::string& value) {
  const auto deadline = std::chrono::steady_clock::now() + leave_max;
  while (true) {
    const auto left = connection_->ask(
        "SELECT pid FROM pg_catalog.pg_stat_activity WHERE backend_type = 'client backend'"
        " AND pid <> pg_catalog.pg_backend_pid() AND " +
            which,
        {value});
    if (left.empty()) return true;
    if (std::chrono::steady_clock::now() >= deadline) return false;
    connection_->pause(leave_interval);
  }
}

}  // namespace gauntlet::crash
