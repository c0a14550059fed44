#include "runner/read_only.h"

#include "runner/sqlite/read_sqlite.h"

namespace gauntlet::runner {

void read_only(const std::string& database, const std::function<void(Session&)>& read) {
  if (engine_of(database) == Engine::sqlite) return read_sqlite(database, read);
  const auto session = connect_postgres(database);
  read(*session);
}

}  // namespace gauntlet::runner
