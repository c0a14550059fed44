#include "harness/arena/copy_link.h"

#include "harness/arena/connection.h"

#include <libpq-fe.h>

namespace gauntlet::arena {
namespace {

using ResultHandle = std::unique_ptr<PGresult, decltype(&PQclear)>;

constexpr std::size_t part_bytes_max = 1U << 20U;

std::string trimmed(const char* text) {
  std::string message = text != nullptr ? text : "";
  while (!message.empty() && (message.back() == '\n' || message.back() == ' ')) message.pop_back();
  return message;
}

void check_result(const ResultHandle& result, PGconn* connection, const std::string& where) {
  const ExecStatusType status = PQresultStatus(result.get());
  if (status == PGRES_COMMAND_OK || status == PGRES_TUPLES_OK || status == PGRES_EMPTY_QUERY)
    return;
  const char* sqlstate = PQresultErrorField(result.get(), PG_DIAG_SQLSTATE);
  const char* primary = PQresultErrorField(result.get(), PG_DIAG_MESSAGE_PRIMARY);
  throw StatementError(sqlstate != nullptr ? sqlstate : "",
                       primary != nullptr ? primary : trimmed(PQerrorMessage(connection)), where);
}

}  // namespace

CopyLink::CopyLink(const Address& address) : where_(address.masked()), handle_(nullptr, &PQfinish) {
  const Address bounded = address.with("connect_timeout", "10")
                              .with("tcp_user_timeout", "20000")
                              .with("client_encoding", "UTF8")
                              .with("application_name", "gauntlet");
  handle_.reset(PQconnectdb(bounded.conninfo().c_str()));
  if (PQstatus(handle_.get()) != CONNECTION_OK) {
    throw runner::Error("connect-failed", trimmed(PQerrorMessage(handle_.get())), where_,
                        "check that the server runs there and takes this user and password");
  }
  PQsetNoticeProcessor(
      handle_.get(), [](void*, const char*) {}, nullptr);
  run("SET statement_timeout = '300s'");
}

void CopyLink::run(const std::string& sql) {
  const ResultHandle result(PQexec(handle_.get(), sql.c_str()), &PQclear);
  check_result(result, handle_.get(), where_);
}

std::string CopyLink::copy_out(const std::string& sql) {
  const ResultHandle started(PQexec(handle_.get(), sql.c_str()), &PQclear);
  if (PQresultStatus(started.get()) != PGRES_COPY_OUT) check_result(started, handle_.get(), where_);
  std::string data;
  char* bytes = nullptr;
  for (int size = 0; (size = PQgetCopyData(handle_.get(), &bytes, 0)) > 0;) {
    data.append(bytes, static_cast<std::size_t>(size));
    PQfreemem(bytes);
  }
  finish_copy();
  return data;
}

void CopyLink::copy_in(const std::string& sql, std::string_view data) {
  const ResultHandle started(PQexec(handle_.get(), sql.c_str()), &PQclear);
  if (PQresultStatus(started.get()) != PGRES_COPY_IN) check_result(started, handle_.get(), where_);
  bool taken = true;
  while (taken && !data.empty()) {
    const std::string_view part = data.substr(0, part_bytes_max);
    taken = PQputCopyData(handle_.get(), part.data(), static_cast<int>(part.size())) == 1;
    data.remove_prefix(part.size());
  }
  PQputCopyEnd(handle_.get(), nullptr);
  finish_copy();
}

/// Reads every result that is left; throws the first if it is an error.
void CopyLink::finish_copy() {
  const ResultHandle first(PQgetResult(handle_.get()), &PQclear);
  while (ResultHandle more{PQgetResult(handle_.get()), &PQclear}) {
  }
  if (first) check_result(first, handle_.get(), where_);
}

}  // namespace gauntlet::arena
