#include "runner/postgres.h"

#include "runner/outside_postgres.h"
#include "runner/postgres/dialect_postgres.h"
#include "runner/postgres/postgres_connection.h"
#include "runner/url_sessions.h"

#include <utility>

namespace gauntlet::runner {

namespace {

class WholePostgres final : public PostgresDialect {
 public:
  const OutsideRules& outside_rules() const override { return outside_; }

 private:
  OutsidePostgres outside_;
};

}  // namespace

const SqlDialect& postgres_dialect() {
  static const WholePostgres dialect;
  return dialect;
}

std::unique_ptr<Session> connect_postgres(const std::string& conninfo,
                                          const ConnectOptions& options) {
  return open_postgres(conninfo, options, postgres_dialect());
}

std::unique_ptr<SessionSource> postgres_sessions(std::string conninfo, ConnectOptions options) {
  return std::make_unique<UrlSessions>(connect_postgres, std::move(conninfo), std::move(options));
}

}  // namespace gauntlet::runner
