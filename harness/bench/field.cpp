#include "harness/bench/field.h"

#include <chrono>
#include <fstream>
#include <iterator>
#include <sstream>

#include <fmt/format.h>
#include <poll.h>
#include <unistd.h>

namespace gauntlet::bench {

namespace {

constexpr std::chrono::seconds quiet_patience{10};

/// The fields of /proc/PID/stat behind the name, the state first; none where there is no such
/// process.
std::vector<std::string> stat_of(int pid) {
  std::ifstream stream(fmt::format("/proc/{}/stat", pid));
  std::string line;
  std::getline(stream, line);
  const std::size_t end = line.rfind(") ");
  if (end == std::string::npos) return {};
  std::istringstream words(line.substr(end + 2));
  return {std::istream_iterator<std::string>(words), {}};
}

constexpr std::size_t parent_field = 1, first_time_field = 11, time_fields = 4;

}  // namespace

Field::Field(arena::Arena& arena, Server server) : arena_(arena), control_(arena.given()) {
  if (server == Server::given) return;
  const auto stat = stat_of(control_.backend_pid());
  if (stat.size() > parent_field) postmaster_ = std::stoi(stat[parent_field]);
}

std::unique_ptr<arena::Database> Field::fresh() {
  auto database = arena_.fresh("bench");
  arena::Connection(database->address()).run(journal_init_sql);
  return database;
}

arena::Address Field::reach(const arena::Database& database, double round_trip_ms) {
  if (round_trip_ms <= 0) return database.loopback();
  auto& relay = relays_[round_trip_ms];
  if (!relay) {
    const auto round_trip = std::chrono::duration<double, std::milli>(round_trip_ms);
    relay = std::make_unique<Relay>(
        database.loopback(), std::chrono::duration_cast<std::chrono::microseconds>(round_trip));
  }
  return relay->through(database.loopback());
}

void Field::await_quiet(const arena::Database& database) {
  const auto deadline = std::chrono::steady_clock::now() + quiet_patience;
  const std::string name = database.address().database();
  // Not without a pause: what is asked takes processors from who is to leave.
  while (control_.ask_one("SELECT count(*) FROM pg_stat_activity WHERE datname = $1", {name}) !=
             "0" &&
         std::chrono::steady_clock::now() < deadline)
    ::poll(nullptr, 0, 1);
}

std::optional<double> Field::server_cpu_ms() const {
  if (!postmaster_) return std::nullopt;
  const auto stat = stat_of(*postmaster_);
  if (stat.size() < first_time_field + time_fields) return std::nullopt;
  double ticks = 0;
  for (std::size_t field = 0; field < time_fields; ++field) {
    ticks += std::stod(stat[first_time_field + field]);
  }
  return ticks * 1e3 / static_cast<double>(sysconf(_SC_CLK_TCK));
}

}  // namespace gauntlet::bench
