// What connecting and a connected session have of libpq in common, without its header.
#pragma once

#include "runner/values/session.h"

#include <memory>
#include <optional>
#include <string>
#include <string_view>

struct pg_conn;  // libpq's PGconn

namespace gauntlet::runner {

struct ClosePostgres {
  void operator()(pg_conn* connection) const;
};
struct FreePostgresMemory {
  void operator()(void* memory) const;
};
using PostgresConnection = std::unique_ptr<pg_conn, ClosePostgres>;

/// libpq's words, which may be several lines, as one.
std::string one_line(const char* text);

TransactionStatus transaction_status_of(const pg_conn* connection);

/// The payload of a notification that has come in already.
std::optional<std::string> next_notification(pg_conn* connection);

/// For SQL, by the settings of the session. Throws: Error `not-utf8`.
std::string quoted_literal(pg_conn* connection, std::string_view text);
std::string quoted_identifier(pg_conn* connection, std::string_view name);

/// The session of a connection that stands.
std::unique_ptr<Session> session_over(PostgresConnection connection, const SqlDialect& dialect);

/// Connects by URL or keyword string; default encoding UTF8.
/// Throws: Error `connect-failed` with the password masked.
std::unique_ptr<Session> open_postgres(const std::string& conninfo, const ConnectOptions& options,
                                       const SqlDialect& dialect);

}  // namespace gauntlet::runner
