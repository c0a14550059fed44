#include "harness/fleet/door.h"

#include "harness/arena/connection.h"
#include "runner/values/error.h"

#include <string>

#include <fmt/format.h>

namespace gauntlet::fleet {

namespace {

[[noreturn]] void refuse(const arena::Database& database, const std::exception& error) {
  throw runner::Error(
      "no-door", fmt::format("the sessions of a race could not be held back: {}", error.what()),
      database.address().masked(),
      "let nobody else connect to this throwaway database, and give a role that owns it");
}

}  // namespace

struct Door::Session {
  explicit Session(const arena::Database& closed)
      : database(closed), connection(closed.maintenance(), {.application_name = "gauntlet door"}) {}

  const arena::Database& database;
  arena::Connection connection;
  std::string waiting_query;
};

Door::Door(const arena::Database& database) {
  try {
    session_ = std::make_unique<Session>(database);
    arena::Connection& connection = session_->connection;
    const std::string name = database.address().database();
    const std::string entry =
        connection.ask_one("SELECT oid::text FROM pg_database WHERE datname = $1", {name});
    session_->waiting_query = fmt::format(
        "SELECT count(DISTINCT pid) FROM pg_locks WHERE locktype = 'object' AND NOT granted"
        " AND classid = 'pg_database'::regclass AND objid = {}",
        connection.literal(entry));
    connection.run("BEGIN");
    connection.run("SET LOCAL lock_timeout = '5s'");
    connection.run("SET LOCAL idle_in_transaction_session_timeout = 0");
    connection.run(fmt::format("ALTER DATABASE {} RENAME TO gauntlet_door_{}",
                               connection.identifier(name), entry));
  } catch (const std::exception& error) {
    refuse(database, error);
  }
}

Door::~Door() = default;  // Closing the connection ends its transaction.

std::size_t Door::waiting() const {
  try {
    return std::stoul(session_->connection.ask_one(session_->waiting_query));
  } catch (const std::exception& error) {
    refuse(session_->database, error);
  }
}

void Door::open() {
  try {
    session_->connection.run("ROLLBACK");
  } catch (const std::exception& error) {
    refuse(session_->database, error);
  }
}

}  // namespace gauntlet::fleet
