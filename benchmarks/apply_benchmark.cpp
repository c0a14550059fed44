// What applying costs, on a server of ours over its socket: lock and proof of lock, plan, checksums
// and the reset after each body are all on.
#include "benchmarks/ground.h"
#include "benchmarks/rounds.h"

#include <memory>
#include <optional>

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

/// So many that the goals speak of.
constexpr int judged_count = 200;

Comparison small_migrations(int count) {
  const bool is_judged = count == judged_count;
  const auto goal = [=](double factor) {
    return is_judged ? std::optional<double>(factor) : std::nullopt;
  };
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
               .goal = goal(1.25)},
              {.timed = {"psql: files and rows, a transaction each",
                         [=] { return history->psql(history->files_and_rows); }},
               .goal = goal(0.85)},
              {.timed = {"psql: the files alone", [=] { return history->psql(history->files); }}}}};
}

const Thing few("apply_few",
                [](const Scale& scale) { return small_migrations(scale.of(10, 10, 2)); });
const Thing apply("apply", [](const Scale& scale) {
  return small_migrations(scale.of(judged_count, judged_count, 5));
});
const Thing many("apply_many",
                 [](const Scale& scale) { return small_migrations(scale.of(1'000, 1'000, 5)); });
const Thing most("apply_most",
                 [](const Scale& scale) { return small_migrations(scale.of(10'000, 2'000, 5)); });

}  // namespace
}  // namespace gauntlet::benchmarks
