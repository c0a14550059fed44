#include "runner/postgres/reply.h"

#include "runner/postgres/postgres_connection.h"
#include "runner/values/number.h"

#include <string>
#include <utility>

#include <libpq-fe.h>

namespace gauntlet::runner {

namespace {

Result empty_result_of(const PGresult* received) {
  Result result;
  const int columns = PQnfields(received);
  for (int column = 0; column < columns; ++column) {
    result.columns.emplace_back(PQfname(received, column));
  }
  return result;
}

/// Returns how many bytes they hold.
std::size_t add_rows(const PGresult* received, Result& result) {
  std::size_t bytes = 0;
  const int columns = PQnfields(received);
  for (int row = 0; row < PQntuples(received); ++row) {
    auto& values = result.rows.emplace_back();
    for (int column = 0; column < columns; ++column) {
      const auto length = static_cast<std::size_t>(PQgetlength(received, row, column));
      bytes += length + sizeof(values.front());
      if (PQgetisnull(received, row, column) != 0) {
        values.emplace_back(std::nullopt);
      } else {
        values.emplace_back(std::string(PQgetvalue(received, row, column), length));
      }
    }
  }
  return bytes;
}

}  // namespace

ServerMessage server_message_of(const PGresult* result) {
  const auto field = [result](int code) {
    const char* text = PQresultErrorField(result, code);
    return std::string(text == nullptr ? "" : text);
  };
  ServerMessage said{.sqlstate = field(PG_DIAG_SQLSTATE),
                     .message = field(PG_DIAG_MESSAGE_PRIMARY),
                     .detail = field(PG_DIAG_MESSAGE_DETAIL),
                     .hint = field(PG_DIAG_MESSAGE_HINT),
                     .context = field(PG_DIAG_CONTEXT),
                     .position = number_in<std::size_t>(field(PG_DIAG_STATEMENT_POSITION)),
                     .sqlite_code = {},
                     .severity = field(PG_DIAG_SEVERITY_NONLOCALIZED),
                     .raised_at = {}};
  if (const std::string file = field(PG_DIAG_SOURCE_FILE); !file.empty()) {
    said.raised_at = file + ":" + field(PG_DIAG_SOURCE_LINE);
  }
  if (said.message.empty()) said.message = one_line(PQresultErrorMessage(result));
  return said;
}

std::size_t Reply::add(const PGresult* received) {
  switch (PQresultStatus(received)) {
    case PGRES_BAD_RESPONSE:
    case PGRES_NONFATAL_ERROR:
    case PGRES_FATAL_ERROR:
      if (!error_) error_ = server_message_of(received);
      return 0;
    case PGRES_EMPTY_QUERY:
      return 0;
    case PGRES_SINGLE_TUPLE:
      return grow(received);
    default:
      break;
  }
  const std::size_t bytes = grow(received);
  growing_->tag = PQcmdStatus(const_cast<PGresult*>(received));
  results_.push_back(*std::exchange(growing_, std::nullopt));
  return bytes;
}

std::size_t Reply::grow(const PGresult* received) {
  if (!growing_) growing_ = empty_result_of(received);
  return keeps_rows() ? add_rows(received, *growing_) : 0;
}

}  // namespace gauntlet::runner
