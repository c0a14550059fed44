#include "harness/arena/given_visits.h"

#include "harness/arena/arena.h"
#include "harness/arena/connection.h"
#include "harness/arena/create_database.h"
#include "harness/arena/guest_names.h"
#include "harness/process/owner.h"

#include <exception>
#include <set>

#include <poll.h>

namespace gauntlet::arena {

namespace {

using process::Owner;
using std::chrono::steady_clock;

/// Of a process that was killed: until the server notices, which may be in the middle of a copy.
constexpr std::chrono::seconds notice_patience{10};

/// Which given servers may hold databases of ours, for the end of an interrupted program.
struct Visits {
  std::mutex mutex;
  std::multiset<std::string> maintenance;  ///< connection strings
};

Visits& visits() {
  static auto* const all = new Visits;  // never destroyed: the interrupt's thread may still ask
  return *all;
}

}  // namespace

Visit::Visit(const Address& maintenance) : maintenance_(maintenance.conninfo()) {
  const std::scoped_lock lock(visits().mutex);
  visits().maintenance.insert(maintenance_);
}

Visit::~Visit() {
  const std::scoped_lock lock(visits().mutex);
  visits().maintenance.erase(visits().maintenance.find(maintenance_));
}

std::unique_lock<std::mutex> Visit::lock() { return std::unique_lock(visits().mutex); }

bool can_connect(const Address& address) {
  try {
    const Connection connection(address);
    return true;
  } catch (const runner::Error&) {
    return false;
  }
}

namespace {

Connection maintenance_of(const Address& server) {
  const Address maintenance = server.with_database("postgres");
  return Connection(can_connect(maintenance) ? maintenance : server);
}

}  // namespace

int sweep_databases(const Address& server) {
  Connection connection = maintenance_of(server);
  return sweep_guests(connection);
}

int sweep_databases_after(const Owner& ended, const Address& server) {
  Connection connection = maintenance_of(server);
  const auto deadline = steady_clock::now() + notice_patience;
  while (is_life_key_held(connection, ended) && steady_clock::now() < deadline) {
    ::poll(nullptr, 0, 10);
  }
  return sweep_guests(connection);
}

namespace {

/// Only our own control sessions hold this key. One of them may be in the middle of making a
/// database: the server ends them before we look which databases there are.
void end_control_sessions(Connection& connection, steady_clock::time_point deadline) {
  const Owner& self = Owner::self();
  while (is_life_key_held(connection, self) && steady_clock::now() < deadline) {
    connection.ask(
        "SELECT pg_terminate_backend(pid) FROM pg_locks WHERE locktype = 'advisory' "
        "AND objsubid = 1 AND granted AND (classid::bigint << 32) | objid::bigint = $1::bigint",
        {std::to_string(life_key(self))});
    ::poll(nullptr, 0, 5);
  }
}

int give_back_on(const std::string& maintenance, std::chrono::seconds patience) {
  const auto deadline = steady_clock::now() + patience;
  Connection connection(Address::parse(maintenance), {.connect = patience, .statement = patience});
  end_control_sessions(connection, deadline);
  int dropped = 0;
  for (const std::string& database : guests_on(connection)) {
    if (guest_owner(database)->text() != Owner::self().text()) continue;
    if (steady_clock::now() > deadline) break;
    drop_database(connection, database);
    ++dropped;
  }
  return dropped;
}

}  // namespace

int give_back_databases(std::chrono::seconds patience) noexcept {
  visits().mutex.lock();  // for good: nobody starts on another server now
  int dropped = 0;
  std::string last;
  for (const std::string& maintenance : visits().maintenance) {
    if (maintenance == last) continue;
    last = maintenance;
    try {
      dropped += give_back_on(maintenance, patience);
    } catch (const std::exception&) {
      continue;  // out of reach: a later sweep on that server finds them
    }
  }
  return dropped;
}

}  // namespace gauntlet::arena
