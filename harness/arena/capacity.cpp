#include "harness/arena/capacity.h"

#include "harness/arena/connection.h"

#include <algorithm>
#include <charconv>
#include <chrono>
#include <filesystem>
#include <thread>

#include <fmt/format.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

namespace gauntlet::arena {
namespace {

/// Beside a fleet: the one that holds it back, and the one that looks what it leaves.
constexpr std::size_t sessions_of_ours = 2;
/// The server still counts a session that was closed until the session's process has ended. So a
/// fleet is refused only if it does not fit at any of these looks.
constexpr std::chrono::milliseconds between_looks{50};
constexpr int looks_max = 10;
/// Of a started process: a pipe each for what it prints, its release, its pidfd.
constexpr std::size_t files_of_a_process = 4;
/// Of this program: libraries, sockets, the connections of its own sessions.
constexpr std::size_t files_of_ours = 32;

std::optional<long long> whole_number(const std::optional<std::string>& text) {
  if (!text) return std::nullopt;
  long long number = 0;
  const auto read = std::from_chars(text->data(), text->data() + text->size(), number);
  if (read.ec != std::errc() || read.ptr != text->data() + text->size()) return std::nullopt;
  return number;
}

/// The limits of the server, of the role and of the database, each with what is used of it. A
/// superuser has the reserved connections too, and no limit of role or database holds it.
constexpr const char* limits_query = R"(
SELECT current_setting('max_connections')::int
       - CASE WHEN r.rolsuper THEN 0 ELSE current_setting('superuser_reserved_connections')::int
         + coalesce(current_setting('reserved_connections', true), '0')::int END,
       (SELECT count(*) FROM pg_stat_activity WHERE datid IS NOT NULL),
       CASE WHEN r.rolsuper OR r.rolconnlimit < 0 THEN NULL ELSE r.rolconnlimit END,
       (SELECT count(*) FROM pg_stat_activity WHERE usesysid = r.oid AND datid IS NOT NULL),
       CASE WHEN r.rolsuper OR d.datconnlimit < 0 THEN NULL ELSE d.datconnlimit END,
       (SELECT count(*) FROM pg_stat_activity WHERE datid = d.oid),
       r.rolname
FROM pg_roles r, pg_database d WHERE r.rolname = current_user AND d.datname = current_database())";

/// Our own session was open while it counted, and is closed by the time that the fleet starts.
std::size_t left_of(long long limit, long long used) {
  return static_cast<std::size_t>(std::max(0LL, limit - (used - 1)));
}

/// Processes of our account. Kernel threads of it do not exist; those of other processes count.
std::size_t processes_of_ours() {
  std::size_t count = 0;
  std::error_code error;
  for (std::filesystem::directory_iterator entry("/proc", error), end; !error && entry != end;
       entry.increment(error)) {
    const std::string name = entry->path().filename();
    if (name.find_first_not_of("0123456789") != std::string::npos) continue;
    struct stat status {};
    if (::stat(entry->path().c_str(), &status) != 0 || status.st_uid != ::getuid()) continue;
    std::error_code ignored;
    for (std::filesystem::directory_iterator task(entry->path() / "task", ignored), last;
         !ignored && task != last; task.increment(ignored)) {
      ++count;
    }
  }
  return count;
}

std::string asked(const FleetNeeds& needs) {
  return fmt::format("{} replicas{} were asked for", needs.replicas,
                     needs.sessions_of_one > 1
                         ? fmt::format(" of {} connections each", needs.sessions_of_one)
                         : "");
}

std::string fewer(std::size_t fitting) {
  return fitting == 0 ? std::string() : fmt::format("--replicas {}, or ", fitting);
}

std::optional<std::string> misfit_of_processes(const FleetNeeds& needs) {
  rlimit limit{};
  // Root is not held by it.
  if (::geteuid() == 0 || ::getrlimit(RLIMIT_NPROC, &limit) != 0 || limit.rlim_cur == RLIM_INFINITY)
    return std::nullopt;
  const std::size_t each = 1 + (needs.serves_itself ? needs.sessions_of_one : 0);
  const std::size_t used = processes_of_ours();
  const std::size_t allowed = limit.rlim_cur;
  if (used + needs.replicas * each <= allowed) return std::nullopt;
  const std::size_t fitting = used < allowed ? (allowed - used) / each : 0;
  return fmt::format(
      "this account may run {} processes (ulimit -u), has {}, and {}: {}raise the limit", allowed,
      used, asked(needs), fewer(fitting));
}

std::optional<std::string> misfit_of_files(const FleetNeeds& needs) {
  rlimit limit{};
  if (::getrlimit(RLIMIT_NOFILE, &limit) != 0 || limit.rlim_cur == RLIM_INFINITY)
    return std::nullopt;
  const std::size_t each =
      needs.replica == FleetNeeds::Replica::process ? files_of_a_process : needs.sessions_of_one;
  if (files_of_ours + needs.replicas * each <= limit.rlim_cur) return std::nullopt;
  const std::size_t fitting =
      limit.rlim_cur > files_of_ours ? (limit.rlim_cur - files_of_ours) / each : 0;
  return fmt::format("a process may open {} files (ulimit -n), and {}: {}ulimit -n 4096",
                     limit.rlim_cur, asked(needs), fewer(fitting));
}

}  // namespace

std::optional<SessionRoom> session_room(const Address& database) {
  Connection connection(database);
  const std::vector<Row> rows = connection.ask(limits_query);
  if (rows.empty()) return std::nullopt;
  const Row& row = rows.front();
  const auto number = [&](std::size_t column) { return whole_number(row[column]); };
  if (!number(0) || !number(1)) return std::nullopt;
  SessionRoom room{.sessions = left_of(*number(0), *number(1)),
                   .limit = fmt::format("the server allows {} connections", *number(0)),
                   .remedy = "raise max_connections"};
  const auto narrow = [&](std::size_t column, const std::string& limit, const std::string& remedy) {
    if (!number(column) || !number(column + 1)) return;
    const std::size_t left = left_of(*number(column), *number(column + 1));
    if (left < room.sessions) room = {.sessions = left, .limit = limit, .remedy = remedy};
  };
  const std::string role = row[6].value_or("");
  narrow(2, fmt::format("role {} may have {} connections", role, row[2].value_or("")),
         fmt::format("`ALTER ROLE {} CONNECTION LIMIT -1`", connection.identifier(role)));
  narrow(4, fmt::format("the database allows {} connections", row[4].value_or("")),
         "`ALTER DATABASE ... CONNECTION LIMIT -1`");
  return room;
}

std::optional<std::string> misfit_of_machine(const FleetNeeds& needs) {
  if (auto reason = misfit_of_files(needs)) return reason;
  return misfit_of_processes(needs);
}

std::optional<std::string> misfit(const Address& database, const FleetNeeds& needs) {
  if (auto reason = misfit_of_machine(needs)) return reason;
  if (!database.file().empty()) return std::nullopt;
  const std::size_t each = std::max<std::size_t>(needs.sessions_of_one, 1);
  std::optional<SessionRoom> room;
  for (int look = 0; look < looks_max; ++look) {
    if (look > 0) std::this_thread::sleep_for(between_looks);
    room = session_room(database);
    if (!room || needs.replicas * each + sessions_of_ours <= room->sessions) return std::nullopt;
  }
  const std::size_t left = std::max(room->sessions, sessions_of_ours) - sessions_of_ours;
  return fmt::format("{} and {}: {}{}", room->limit, asked(needs), fewer(left / each),
                     room->remedy);
}

}  // namespace gauntlet::arena
