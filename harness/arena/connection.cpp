#include "harness/arena/connection.h"

#include "runner/postgres.h"
#include "runner/values/own_query.h"
#include "runner/values/session.h"

#include <charconv>
#include <iterator>
#include <utility>

#include <fmt/format.h>

namespace gauntlet::arena {
namespace {

/// The server itself ends a statement at its limit, in its own words; its reply may take a moment.
constexpr std::chrono::seconds reply_grace{5};

std::vector<Row> rows_of(runner::Result&& result) {
  std::vector<Row> rows;
  rows.reserve(result.rows.size());
  for (auto& values : result.rows) rows.emplace_back(std::move(values));
  return rows;
}

int number_of(const std::string& text) {
  int number = 0;
  const auto read = std::from_chars(text.data(), text.data() + text.size(), number);
  if (read.ec == std::errc() && read.ptr == text.data() + text.size()) return number;
  throw_unexpected_reply("a version that is no number");
}

}  // namespace

Connection::Connection(const Address& address, const Limits& limits) : where_(address.masked()) {
  const Address bounded = address.with("connect_timeout", std::to_string(limits.connect.count()))
                              .with("application_name", limits.application_name);
  try {
    session_ = runner::connect_postgres(bounded.conninfo());
  } catch (const runner::Error& error) {
    // Its own `where` is a keyword string with all that libpq knows.
    throw runner::Error(error.code(), error.message(), where_,
                        "check that the server runs there and takes this user and password");
  }
  // A server that never answers is seen at its first query.
  session_->limit({.reply = runner::own_query_max});
  const std::vector<Row> set =
      ask(fmt::format("SELECT set_config('statement_timeout', '{}s', false), "
                      "current_setting('server_version_num')",
                      limits.statement.count()));
  server_version_ = number_of(set.empty() ? "" : set.front().text(1));
  session_->limit({.reply = limits.statement + reply_grace});
}

Connection::~Connection() = default;
Connection::Connection(Connection&& other) noexcept = default;
Connection& Connection::operator=(Connection&& other) noexcept = default;

template <typename Send>
auto Connection::sent(const Send& send) {
  try {
    return send();
  } catch (const runner::SqlError& error) {
    throw StatementError(error.said().sqlstate, error.said().message, where_);
  } catch (const StatementError&) {
    throw;
  } catch (const runner::Error& error) {
    throw runner::Error(error.code(), error.message(), where_, error.fix());
  }
}

Connection::Table Connection::ask_table(const std::string& sql, const Parameters& parameters) {
  return sent([&] {
    runner::Result result = session_->query(sql, parameters);
    runner::require_columns(result, result.columns.size());
    Table table{.columns = std::move(result.columns)};
    table.rows = rows_of(std::move(result));
    return table;
  });
}

std::vector<Row> Connection::ask(const std::string& sql, const Parameters& parameters) {
  return ask_table(sql, parameters).rows;
}

std::string Connection::ask_one(const std::string& sql, const Parameters& parameters) {
  const std::vector<Row> rows = ask(sql, parameters);
  return rows.empty() || rows.front().empty() ? "" : rows.front().front().value_or("");
}

std::vector<Row> Connection::run(const std::string& sql) {
  return sent([&] {
    std::vector<runner::Result> results = session_->send(sql);
    return results.empty() ? std::vector<Row>() : rows_of(std::move(results.back()));
  });
}

void Connection::pause(std::chrono::milliseconds patience) {
  try {
    session_->wait_for_notification(patience, -1);
  } catch (const runner::Error&) {
    return;  // hung up: the next query says so
  }
}

bool Connection::is_lost() const {
  return session_->transaction_status() == runner::TransactionStatus::unknown;
}
int Connection::backend_pid() const { return session_->backend_pid(); }

std::string Connection::literal(std::string_view text) const { return session_->literal(text); }
std::string Connection::identifier(std::string_view name) const {
  return session_->identifier(name);
}

}  // namespace gauntlet::arena
