#include "runner/sqlite.h"

#include "runner/outside_sqlite.h"
#include "runner/sqlite/dialect_sqlite.h"
#include "runner/sqlite/read_sqlite.h"
#include "runner/sqlite/session_sqlite.h"
#include "runner/url_sessions.h"

#include <filesystem>
#include <system_error>
#include <utility>

namespace gauntlet::runner {

namespace {

class WholeSqlite final : public SqliteDialect {
 public:
  const OutsideRules& outside_rules() const override { return outside_; }

 private:
  OutsideSqlite outside_;
};

}  // namespace

const SqlDialect& sqlite_dialect() {
  static const WholeSqlite dialect;
  return dialect;
}

std::unique_ptr<Session> connect_sqlite(const std::string& database,
                                        const ConnectOptions& options) {
  const std::filesystem::path file = sqlite_file_of(database);
  if (options.missing_file == ConnectOptions::MissingFile::create) {
    return open_sqlite(file, SqliteAccess::create, sqlite_dialect());
  }
  std::error_code unknown;
  if (!std::filesystem::exists(file, unknown)) throw no_such_file(file);
  return open_sqlite(file, SqliteAccess::write, sqlite_dialect());
}

std::unique_ptr<SessionSource> sqlite_sessions(std::string database, ConnectOptions options) {
  return std::make_unique<UrlSessions>(connect_sqlite, std::move(database), std::move(options));
}

void read_sqlite(const std::string& database, const std::function<void(Session&)>& read) {
  read_sqlite_file(database, read, sqlite_dialect());
}

}  // namespace gauntlet::runner
