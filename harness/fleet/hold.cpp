#include "harness/fleet/hold.h"

#include "harness/arena/connection.h"
#include "runner/values/error.h"

#include <fmt/format.h>

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
        connection(database.address(), {.application_name = "gauntlet hold"}) {}

  std::vector<arena::Row> ask(const std::string& sql) {
    try {
      return connection.run(sql);
    } catch (const runner::Error& error) {
      throw_no_hold(error);
    }
  }

  [[noreturn]] void throw_no_hold(const runner::Error& error) const {
    throw runner::Error(
        "no-hold", fmt::format("writes to {} could not be held back: {}", tables, error.message()),
        where, "give a role that may lock the tracker's tables");
  }

  std::string where, tables;
  arena::Connection connection;
  bool closed = false;
};

TableHold::TableHold(const arena::Database& database, const std::string& tables) {
  try {
    session_ = std::make_unique<Session>(database, tables);
  } catch (const runner::Error& error) {
    throw runner::Error("no-hold",
                        fmt::format("the race's database cannot be reached: {}", error.message()),
                        database.address().masked(), "see the server's log");
  }
}

TableHold::~TableHold() = default;  // Closing the connection ends its transaction.

bool TableHold::close() {
  // Shorter than deadlock_timeout: where two wait for each other, it is this session that gives
  // way.
  session_->ask(
      "BEGIN; SET LOCAL lock_timeout = '500ms'; SET LOCAL idle_in_transaction_session_timeout = 0");
  try {
    session_->connection.run("LOCK TABLE " + session_->tables + " IN SHARE MODE");
    session_->closed = true;
    return true;
  } catch (const arena::StatementError& error) {
    open();
    if (error.sqlstate() == "55P03" || error.sqlstate() == "40P01") return false;
    session_->throw_no_hold(error);
  }
}

std::size_t TableHold::waiting() const {
  const std::vector<arena::Row> rows = session_->ask(waiting_query);
  return rows.empty() ? 0 : std::stoul(rows.front().text(0));
}

bool TableHold::is_closed() const { return session_->closed; }

void TableHold::open() {
  session_->closed = false;
  session_->ask("ROLLBACK");
}

}  // namespace gauntlet::fleet
