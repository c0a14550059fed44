#include "runner/connect.h"

#include "runner/url_sessions.h"

#include <utility>

namespace gauntlet::runner {

std::unique_ptr<Session> connect(const std::string& database, const ConnectOptions& options) {
  return engine_of(database) == Engine::sqlite ? connect_sqlite(database, options)
                                               : connect_postgres(database, options);
}

std::unique_ptr<SessionSource> sessions_of(std::string database, ConnectOptions options) {
  return std::make_unique<UrlSessions>(connect, std::move(database), std::move(options));
}

const SqlDialect& dialect_of(Engine engine) {
  return engine == Engine::sqlite ? sqlite_dialect() : postgres_dialect();
}

}  // namespace gauntlet::runner
