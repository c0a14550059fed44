// What connecting and a connected session have of libpq in common, without its header.
#pragma once

#include "runner/values/session.h"

#include <memory>
#include <string>

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

/// The session of a connection that stands.
std::unique_ptr<Session> session_over(PostgresConnection connection);

}  // namespace gauntlet::runner
