// What applying costs, on a server of ours over its socket: lock and proof of lock, plan, checksums
// and the reset after each body are all on.
#include "benchmarks/ground.h"
#include "benchmarks/rounds.h"

#include <memory>

#include <fmt/format.h>

namespace gauntlet::benchmarks {
namespace {

/// Small migrations, and psql scripts that apply the same files.
struct History {
  Ground ground;
  Folder migrations, scripts;
  std::filesystem::path files, files_and_rows;

  explicit History(int count) {
    std::string alone;
    std::string recorded =
        "CREATE TABLE applied_migrations (version bigint PRIMARY KEY, name text NOT NULL,"
        " applied_at timestamptz NOT NULL DEFAULT now(), checksum text);\n";
    for (int number = 1; number <= count; ++number) {
      const std::string file =
          migrations
              .add_migration(number, fmt::format("CREATE TABLE t{} (id int, name text);\n", number))
              .string();
      alone += "\\i " + file + "\n";
      recorded += fmt::format(
          "BEGIN;\n\\i {}\nINSERT INTO applied_migrations (version, name) VALUES ({}, 'step');\n"
          "COMMIT;\n",
          file, number);
    }
    files = scripts.add("files.sql", alone);
    files_and_rows = scripts.add("files_and_rows.sql", recorded);
  }

  double psql(const std::filesystem::path& script) {
    const arena::Address address = ground.fresh();
    return time_of({.argv = {"psql", "-q", "-X", "-v", "ON_ERROR_STOP=1", "-f", script.string(),
                             address.conninfo()}});
  }
};

Comparison small_migrations(const Scale& scale) {
  const int count = scale.of(200, 200, 5);
  const auto history = std::make_shared<History>(count);
  return {.title = fmt::format("{} small migrations, one whole process", count),
          .ours = {"gauntlet-migrate up",
                   [=] {
                     const arena::Address address = history->ground.fresh();
                     return time_of(migrate("up", address, history->migrations));
                   }},
          .floors = {
              {.timed = {"bare libpq loop: body and row, one message",
                         [=] {
                           const arena::Address address = history->ground.fresh();
                           return time_of(
                               program("bare-apply",
                                       {address.conninfo(), history->migrations.path().string()}));
                         }},
               .goal = 1.25},
              {.timed = {"psql: files and rows, a transaction each",
                         [=] { return history->psql(history->files_and_rows); }},
               .goal = 0.85},
              {.timed = {"psql: the files alone", [=] { return history->psql(history->files); }}}}};
}

const Thing apply("apply", small_migrations);

}  // namespace
}  // namespace gauntlet::benchmarks
