#include "harness/fleet/standstill_server.h"

#include "harness/arena/connection.h"
#include "runner/values/error.h"

#include <filesystem>
#include <sstream>
#include <utility>
#include <vector>

#include <fmt/format.h>

namespace gauntlet::fleet {

namespace {

constexpr const char* sessions_query =
    "SELECT pid::text, coalesce(wait_event_type, ''), coalesce(state, ''), left(query, 200),"
    " concat_ws(' ', pid, backend_start, state_change),"
    " CASE WHEN wait_event_type = 'Lock' THEN"
    " pg_catalog.array_to_string(pg_catalog.pg_blocking_pids(pid), ' ') ELSE '' END"
    " FROM pg_catalog.pg_stat_activity WHERE datname = $1 AND backend_type = 'client backend'"
    " ORDER BY pid";

constexpr const char* writes_query =
    "SELECT (tup_inserted + tup_updated + tup_deleted)::text FROM pg_catalog.pg_stat_database"
    " WHERE datname = $1";

struct Session {
  std::string pid, wait, state, text, moments, blocked_by;

  explicit Session(const arena::Row& row)
      : pid(row.text(0)),
        wait(row.text(1)),
        state(row.text(2)),
        text(row.text(3)),
        moments(row.text(4)),
        blocked_by(row.text(5)) {}

  /// Not what waits for a lock, or for its client to send or to read.
  bool works() const { return state.starts_with("active") && wait != "Lock" && wait != "Client"; }
  bool is_hidden() const { return state.empty(); }
};

std::string blocker_outside(const std::vector<Session>& sessions) {
  std::set<std::string> own;
  for (const Session& session : sessions) own.insert(session.pid);
  for (const Session& session : sessions) {
    std::istringstream blockers(session.blocked_by);
    for (std::string pid; blockers >> pid;)
      if (!own.contains(pid))
        return pid == "0" ? "a lock that a prepared transaction holds"
                          : fmt::format("a lock that server process {} holds", pid);
  }
  return {};
}

}  // namespace

StandstillServer::StandstillServer(const arena::Database& database) : database_(database) {}
StandstillServer::~StandstillServer() = default;

void StandstillServer::forget() {
  has_looked_ = repeats_ = false;
  outside_.clear();
}

bool StandstillServer::has_progressed() {
  if (!database_.address().file().empty()) return file_has_changed();
  try {
    return sessions_have_progressed();
  } catch (const runner::Error&) {
    connection_.reset();
    return true;
  }
}

bool StandstillServer::file_has_changed() {
  std::string now;
  for (const char* part : {"", "-wal", "-journal"}) {
    const std::filesystem::path file = database_.address().file().string() + part;
    std::error_code error;
    const auto size = std::filesystem::file_size(file, error);
    const auto time = std::filesystem::last_write_time(file, error);
    if (!error) now += fmt::format("{} {} ", size, time.time_since_epoch().count());
  }
  const bool differs = std::exchange(signature_, now) != now;
  return std::exchange(has_looked_, true) && differs;
}

bool StandstillServer::sessions_have_progressed() {
  if (!connection_)
    connection_ = std::make_unique<arena::Connection>(
        database_.maintenance(), arena::Connection::Limits{.application_name = "gauntlet watch"});
  const std::string name = database_.address().database();
  std::vector<Session> sessions;
  for (const arena::Row& row : connection_->ask(sessions_query, {name})) sessions.emplace_back(row);
  const std::string writes = connection_->ask_one(writes_query, {name});
  std::string signature;
  bool is_new = false, works = false;
  for (const Session& session : sessions) {
    signature += session.moments + "\n";
    is_new = texts_.insert(session.text).second || is_new;
    works = works || session.works() || session.is_hidden();
  }
  outside_ = blocker_outside(sessions);
  const bool moved = std::exchange(signature_, signature) != signature;
  // The server counts writes up to ten seconds late: without a statement in between they are old.
  const bool wrote = std::exchange(writes_, writes) != writes && moved;
  if (!std::exchange(has_looked_, true)) return works;
  repeats_ = repeats_ || moved;
  return works || wrote || (is_new && moved);
}

}  // namespace gauntlet::fleet
