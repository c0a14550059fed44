#include "harness/run/stage_ground.h"

#include "harness/arena/connection.h"
#include "harness/arena/guest_names.h"
#include "runner/sqlite.h"

#include <filesystem>
#include <fstream>
#include <string>

namespace gauntlet::run {

void prepare(const scenario::Stage& stage, const arena::Address& database) {
  const std::filesystem::path file = database.file();
  if (!stage.bytes.empty()) {
    std::ofstream(file, std::ios::binary) << stage.bytes;
  } else if (stage.prepare.empty()) {
    return;
  } else if (file.empty()) {
    arena::Connection(database).run(std::string(stage.prepare));
  } else {
    runner::connect_sqlite(database.conninfo())->send(stage.prepare);
  }
}

void swap_names(const arena::Database& one, const arena::Database& other) {
  arena::Connection sql(one.maintenance());
  const std::string a = one.address().database(), b = other.address().database();
  const auto rename = [&sql](const std::string& from, const std::string& to) {
    sql.run("ALTER DATABASE " + sql.identifier(from) + " RENAME TO " + sql.identifier(to));
  };
  const std::string meanwhile = arena::guest_name();  // which a sweep knows, should we be killed
  rename(a, meanwhile);
  rename(b, a);
  rename(meanwhile, b);
}

}  // namespace gauntlet::run
