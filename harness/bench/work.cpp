#include "harness/bench/work.h"

#include "runner/source/source.h"
#include "runner/values/error.h"

#include <fstream>

#include <fmt/format.h>

namespace gauntlet::bench {

namespace {

std::vector<core::AppliedRow> rows_of(const std::filesystem::path& migrations) {
  const runner::Listing listing = runner::read_folder(migrations);
  runner::refuse_problems(listing);
  std::vector<core::AppliedRow> rows;
  for (const runner::Migration& migration : listing.migrations) {
    rows.push_back({.version = migration.version.number, .name = migration.name});
  }
  return rows;
}

std::string body_of(std::size_t number, std::chrono::milliseconds hold) {
  std::string sql;
  if (hold.count() > 0) {
    sql += fmt::format("SELECT pg_sleep({});\n", static_cast<double>(hold.count()) / 1e3);
  }
  return sql + fmt::format(
                   "CREATE TABLE bench_{0} (id int PRIMARY KEY, name text);\n"
                   "INSERT INTO journal VALUES ({0});\n",
                   number);
}

}  // namespace

Work journalled_work(const std::string& load, const std::filesystem::path& folder,
                     std::size_t count, std::chrono::milliseconds hold) {
  for (std::size_t number = 1; number <= count; ++number) {
    const auto file = folder / fmt::format("{:03}_bench_{}.up.sql", number, number);
    std::ofstream stream(file, std::ios::binary);
    stream << body_of(number, number == 1 ? hold : std::chrono::milliseconds(0));
    stream.close();
    if (!stream) {
      throw runner::Error("cannot-write", "a migration to measure with could not be written",
                          file.string(), "make room in the folder for temporary files");
    }
  }
  return {.load = load, .migrations = folder, .on_disk = rows_of(folder), .is_journalled = true};
}

Work given_work(const std::string& load, const std::filesystem::path& migrations) {
  return {.load = load, .migrations = migrations, .on_disk = rows_of(migrations)};
}

}  // namespace gauntlet::bench
