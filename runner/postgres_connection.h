// What connecting and a connected session have of libpq in common. Private to the library: nothing
// that is installed includes libpq.
#pragma once

#include "runner/session.h"

#include <memory>
#include <string>

#include <libpq-fe.h>

namespace gauntlet::runner {

struct ClosePostgres {
  void operator()(PGconn* connection) const { PQfinish(connection); }
};
struct FreePostgresMemory {
  void operator()(void* memory) const { PQfreemem(memory); }
};
using PostgresConnection = std::unique_ptr<PGconn, ClosePostgres>;

/// libpq's words, which may be several lines, as one.
std::string one_line(const char* text);

/// The session of a connection that stands.
std::unique_ptr<Session> session_over(PostgresConnection connection);

}  // namespace gauntlet::runner
