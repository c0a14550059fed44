#include "harness/arena/connection.h"

#include <utility>

#include <fmt/format.h>
#include <libpq-fe.h>

namespace gauntlet::arena {
namespace {

using ResultHandle = std::unique_ptr<PGresult, decltype(&PQclear)>;

std::string trimmed(const char* text) {
  std::string message = text != nullptr ? text : "";
  while (!message.empty() && (message.back() == '\n' || message.back() == ' ')) message.pop_back();
  return message;
}

void check(const ResultHandle& result, PGconn* connection, const std::string& where) {
  const ExecStatusType status = PQresultStatus(result.get());
  if (status == PGRES_COMMAND_OK || status == PGRES_TUPLES_OK || status == PGRES_EMPTY_QUERY)
    return;
  const char* sqlstate = PQresultErrorField(result.get(), PG_DIAG_SQLSTATE);
  const char* primary = PQresultErrorField(result.get(), PG_DIAG_MESSAGE_PRIMARY);
  throw StatementError(sqlstate != nullptr ? sqlstate : "",
                       primary != nullptr ? primary : trimmed(PQerrorMessage(connection)), where);
}

std::vector<Row> rows_of(const PGresult* result) {
  std::vector<Row> rows(static_cast<std::size_t>(PQntuples(result)));
  for (int r = 0; r < PQntuples(result); ++r) {
    for (int c = 0; c < PQnfields(result); ++c) {
      auto& row = rows[static_cast<std::size_t>(r)];
      if (PQgetisnull(result, r, c) != 0) {
        row.emplace_back(std::nullopt);
      } else {
        row.emplace_back(PQgetvalue(result, r, c));
      }
    }
  }
  return rows;
}

}  // namespace

Connection::Connection(const Address& address, Limits limits)
    : where_(address.masked()), handle_(nullptr, &PQfinish) {
  const Address bounded = address.with("connect_timeout", std::to_string(limits.connect.count()))
                              .with("client_encoding", "UTF8")
                              .with("application_name", "gauntlet");
  handle_.reset(PQconnectdb(bounded.conninfo().c_str()));
  if (PQstatus(handle_.get()) != CONNECTION_OK) {
    throw runner::Error("connect-failed", trimmed(PQerrorMessage(handle_.get())), where_,
                        "check that the server runs there and takes this user and password");
  }
  PQsetNoticeProcessor(
      handle_.get(), [](void*, const char*) {}, nullptr);
  run(fmt::format("SET statement_timeout = '{}s'", limits.statement.count()));
}

std::vector<Row> Connection::ask(const std::string& sql,
                                 const std::vector<std::optional<std::string>>& parameters) {
  std::vector<const char*> values;
  values.reserve(parameters.size());
  for (const auto& parameter : parameters)
    values.push_back(parameter ? parameter->c_str() : nullptr);
  const ResultHandle result(
      PQexecParams(handle_.get(), sql.c_str(), static_cast<int>(values.size()), nullptr,
                   values.data(), nullptr, nullptr, 0),
      &PQclear);
  check(result, handle_.get(), where_);
  return rows_of(result.get());
}

std::string Connection::ask_one(const std::string& sql,
                                const std::vector<std::optional<std::string>>& parameters) {
  const std::vector<Row> rows = ask(sql, parameters);
  return rows.empty() || rows.front().empty() ? "" : rows.front().front().value_or("");
}

void Connection::run(const std::string& sql) {
  const ResultHandle result(PQexec(handle_.get(), sql.c_str()), &PQclear);
  check(result, handle_.get(), where_);
}

std::string Connection::copy_out(const std::string& sql) {
  const ResultHandle started(PQexec(handle_.get(), sql.c_str()), &PQclear);
  if (PQresultStatus(started.get()) != PGRES_COPY_OUT) check(started, handle_.get(), where_);
  std::string data;
  char* bytes = nullptr;
  for (int size = 0; (size = PQgetCopyData(handle_.get(), &bytes, 0)) > 0;) {
    data.append(bytes, static_cast<std::size_t>(size));
    PQfreemem(bytes);
  }
  finish_copy();
  return data;
}

void Connection::copy_in(const std::string& sql, std::string_view data) {
  const ResultHandle started(PQexec(handle_.get(), sql.c_str()), &PQclear);
  if (PQresultStatus(started.get()) != PGRES_COPY_IN) check(started, handle_.get(), where_);
  constexpr std::size_t part_max = 1U << 20U;
  bool taken = true;
  while (taken && !data.empty()) {
    const std::string_view part = data.substr(0, part_max);
    taken = PQputCopyData(handle_.get(), part.data(), static_cast<int>(part.size())) == 1;
    data.remove_prefix(part.size());
  }
  PQputCopyEnd(handle_.get(), nullptr);
  finish_copy();
}

/// Every result that is left, the first error among them thrown.
void Connection::finish_copy() {
  ResultHandle first(PQgetResult(handle_.get()), &PQclear);
  while (ResultHandle more{PQgetResult(handle_.get()), &PQclear}) {
  }
  if (first) check(first, handle_.get(), where_);
}

bool Connection::is_lost() const { return PQstatus(handle_.get()) != CONNECTION_OK; }
int Connection::server_version() const { return PQserverVersion(handle_.get()); }
int Connection::backend_pid() const { return PQbackendPID(handle_.get()); }

std::string Connection::literal(std::string_view text) const {
  const std::unique_ptr<char, decltype(&PQfreemem)> quoted(
      PQescapeLiteral(handle_.get(), text.data(), text.size()), &PQfreemem);
  if (!quoted) throw StatementError("", trimmed(PQerrorMessage(handle_.get())), where_);
  return quoted.get();
}

std::string Connection::identifier(std::string_view name) const {
  const std::unique_ptr<char, decltype(&PQfreemem)> quoted(
      PQescapeIdentifier(handle_.get(), name.data(), name.size()), &PQfreemem);
  if (!quoted) throw StatementError("", trimmed(PQerrorMessage(handle_.get())), where_);
  return quoted.get();
}

}  // namespace gauntlet::arena
