#include "runner/read_only.h"

#include "runner/connect.h"

namespace gauntlet::runner {

void read_only(const std::string& database, const std::function<void(Session&)>& read) {
  if (engine_of(database) == Engine::sqlite) return read_sqlite(database, read);
  const auto session = connect_postgres(database);
  read(*session);
}

Check check(const std::string& database, const Listing& listing, const TrackerOptions& options) {
  return check([&](const auto& read) { read_only(database, read); }, listing, options);
}

}  // namespace gauntlet::runner
