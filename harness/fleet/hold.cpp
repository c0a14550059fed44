#include "harness/fleet/hold.h"

#include "runner/values/error.h"

#include <fmt/format.h>
#include <pqxx/pqxx>

namespace gauntlet::fleet {

namespace {

// Those that this session stands in the way of, and those behind them in the same queue.
constexpr const char* waiting_query =
    "SELECT count(DISTINCT waiting.pid) FROM pg_locks AS mine JOIN pg_locks AS waiting"
    " ON waiting.locktype = 'relation' AND waiting.database = mine.database"
    " AND waiting.relation = mine.relation AND NOT waiting.granted"
    " WHERE mine.pid = pg_backend_pid() AND mine.locktype = 'relation' AND mine.mode = 'ShareLock'";

}  // namespace

struct TableHold::Session {
  Session(const arena::Database& database, const std::string& held)
      : where(database.address().masked()),
        tables(held),
        connection(database.address().conninfo()) {}

  pqxx::result ask(const std::string& sql) {
    try {
      return pqxx::nontransaction(connection).exec(sql);
    } catch (const std::exception& error) {
      throw runner::Error(
          "no-hold", fmt::format("writes to {} could not be held back: {}", tables, error.what()),
          where, "give a role that may lock the tracker's tables");
    }
  }

  std::string where, tables;
  pqxx::connection connection;
  bool closed = false;
};

TableHold::TableHold(const arena::Database& database, const std::string& tables) {
  try {
    session_ = std::make_unique<Session>(database, tables);
  } catch (const pqxx::failure& error) {
    throw runner::Error("no-hold",
                        fmt::format("the race's database cannot be reached: {}", error.what()),
                        database.address().masked(), "see the server's log");
  }
  session_->ask("SET application_name = 'gauntlet hold'");
}

TableHold::~TableHold() = default;  // Closing the connection ends its transaction.

bool TableHold::close() {
  // Shorter than deadlock_timeout: where two wait for each other, it is this session that gives
  // way.
  session_->ask(
      "BEGIN; SET LOCAL lock_timeout = '500ms'; SET LOCAL idle_in_transaction_session_timeout = 0");
  try {
    pqxx::nontransaction(session_->connection)
        .exec("LOCK TABLE " + session_->tables + " IN SHARE MODE");
    session_->closed = true;
    return true;
  } catch (const pqxx::sql_error& error) {
    open();
    if (error.sqlstate() == "55P03" || error.sqlstate() == "40P01") return false;
    throw runner::Error(
        "no-hold",
        fmt::format("writes to {} could not be held back: {}", session_->tables, error.what()),
        session_->where, "give a role that may lock the tracker's tables");
  }
}

std::size_t TableHold::waiting() const {
  return session_->ask(waiting_query)[0][0].as<std::size_t>();
}

bool TableHold::is_closed() const { return session_->closed; }

void TableHold::open() {
  session_->closed = false;
  session_->ask("ROLLBACK");
}

}  // namespace gauntlet::fleet
