#include "harness/fleet/door.h"

#include "runner/values/error.h"

#include <string>

#include <fmt/format.h>
#include <pqxx/pqxx>

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
      : database(closed), connection(closed.maintenance().conninfo()) {}

  const arena::Database& database;
  pqxx::connection connection;
  std::string waiting_query;
};

Door::Door(const arena::Database& database) {
  try {
    session_ = std::make_unique<Session>(database);
    pqxx::nontransaction sql(session_->connection);
    const std::string name = database.address().database();
    const auto entry =
        sql.exec1("SELECT oid FROM pg_database WHERE datname = " + sql.quote(name))[0]
            .as<std::string>();
    session_->waiting_query =
        "SELECT count(DISTINCT pid) FROM pg_locks WHERE locktype = 'object' AND NOT granted"
        " AND classid = 'pg_database'::regclass AND objid = " +
        entry;
    sql.exec0("SET application_name = 'gauntlet door'");
    sql.exec0("BEGIN");
    sql.exec0("SET LOCAL lock_timeout = '5s'");
    sql.exec0("SET LOCAL idle_in_transaction_session_timeout = 0");
    sql.exec0(
        fmt::format("ALTER DATABASE {} RENAME TO gauntlet_door_{}", sql.quote_name(name), entry));
  } catch (const std::exception& error) {
    refuse(database, error);
  }
}

Door::~Door() = default;  // Closing the connection ends its transaction.

std::size_t Door::waiting() const {
  try {
    pqxx::nontransaction sql(session_->connection);
    return sql.exec1(session_->waiting_query)[0].as<std::size_t>();
  } catch (const std::exception& error) {
    refuse(session_->database, error);
  }
}

void Door::open() {
  try {
    pqxx::nontransaction sql(session_->connection);
    sql.exec0("ROLLBACK");
  } catch (const std::exception& error) {
    refuse(session_->database, error);
  }
}

}  // namespace gauntlet::fleet
