#include "harness/observe/reader.h"

#include <cassert>
#include <utility>

#include <fmt/format.h>
#include <poll.h>
#include <pqxx/pqxx>

namespace gauntlet::observe {

namespace {

std::string trimmed(std::string text) {
  text.erase(text.find_last_not_of(" \r\n") + 1);
  if (text.starts_with("ERROR:")) text.erase(0, text.find_first_not_of(' ', 6));
  return text;
}

Rows rows_of(const pqxx::result& result) {
  Rows rows;
  rows.reserve(result.size());
  for (const auto& from : result) {
    Row& row = rows.emplace_back();
    row.reserve(from.size());
    for (const auto& field : from) {
      if (field.is_null()) {
        row.emplace_back();
      } else {
        row.emplace_back(std::in_place, field.c_str(), field.size());
      }
    }
  }
  return rows;
}

}  // namespace

ReadError::ReadError(std::string sqlstate, std::string message, std::string where)
    : Error("query-failed",
            sqlstate.empty() ? message : fmt::format("{} (SQLSTATE {})", message, sqlstate),
            std::move(where)),
      sqlstate_(std::move(sqlstate)) {}

struct Reader::State {
  explicit State(const std::string& conninfo) : connection(conninfo) {}

  pqxx::connection connection;
};

Reader::Reader(const arena::Address& address) : where_(address.masked()) {
  const arena::Address ours =
      address.with("connect_timeout", "10").with("application_name", "gauntlet-observe");
  try {
    state_ = std::make_unique<State>(ours.with("client_encoding", "UTF8").conninfo());
  } catch (const pqxx::failure& error) {
    throw runner::Error("connect-failed",
                        "the database cannot be reached: " + trimmed(error.what()), where_,
                        "see that the server runs and that the address is right");
  }
  ask("set session characteristics as transaction isolation level repeatable read, read only;"
      "set default_transaction_deferrable = off; set statement_timeout = '120s';"
      "set lock_timeout = '10s'");
}

Reader::~Reader() = default;

void Reader::use_fixed_formats() {
  ask("set search_path = ''; set timezone = 'UTC'; set datestyle = 'ISO, MDY';"
      "set intervalstyle = 'postgres'; set extra_float_digits = 1; set bytea_output = 'hex';"
      "set lc_monetary = 'C'; set xmloption = 'content'; set quote_all_identifiers = off;"
      "set row_security = off; set jit = off");
}

template <typename Execute>
auto Reader::execute(const Execute& execute) {
  try {
    pqxx::nontransaction transaction(state_->connection);
    return execute(transaction);
  } catch (const pqxx::insufficient_privilege& error) {
    // libpqxx 6 drops the code of this one.
    throw ReadError("42501", trimmed(error.what()), where_);
  } catch (const pqxx::sql_error& error) {
    throw ReadError(error.sqlstate(), trimmed(error.what()), where_);
  } catch (const pqxx::failure& error) {
    throw ReadError("", "the connection was lost: " + trimmed(error.what()), where_);
  }
}

Rows Reader::ask(const std::string& sql) {
  return execute([&](pqxx::nontransaction& transaction) { return rows_of(transaction.exec(sql)); });
}

Reader::Table Reader::ask_foreign(const std::string& sql) {
  return execute([&](pqxx::nontransaction& transaction) {
    const pqxx::result result = transaction.exec_params(sql);
    Table table{.rows = rows_of(result)};
    for (pqxx::row::size_type column = 0; column < result.columns(); ++column)
      table.columns.emplace_back(result.column_name(column));
    return table;
  });
}

void Reader::pause(std::chrono::milliseconds patience) {
  pollfd hung_up = {.fd = state_->connection.sock(), .events = POLLRDHUP, .revents = 0};
  static_cast<void>(::poll(&hung_up, 1, static_cast<int>(patience.count())));
}

const std::string& text_of(const std::optional<std::string>& value) {
  assert(value);
  return *value;
}

}  // namespace gauntlet::observe
