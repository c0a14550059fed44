// A script over a folder of NNN_name.sql, as a shell loop around psql applies it: each statement by
// itself, with the transactions that the file opens.
#include "harness/formats/layouts.h"
#include "harness/formats/steps.h"
#include "harness/formats/text.h"

namespace gauntlet::formats {
namespace {

Reading read_plain(const Format& format, const std::vector<File>& files) {
  Steps steps(format);
  for (const File& file : files) {
    if (file.name.find('/') != std::string::npos || !file.name.ends_with(".sql")) continue;
    std::string stem = file.name.substr(0, file.name.size() - 4);
    const bool is_down = stem.ends_with(".down");
    if (is_down) stem.resize(stem.size() - 5);
    if (stem.ends_with(".up")) stem.resize(stem.size() - 3);
    const auto number = numbered(stem, "_-. ");
    if (!number) continue;
    Part part{.file = &file, .version = number->version, .name = number->name, .sql = file.bytes};
    is_down ? steps.down(std::move(part)) : steps.up(std::move(part));
  }
  return steps.reading();
}

ProjectFiles write_plain(const std::vector<runner::Migration>& migrations) {
  ProjectFiles files;
  for (const runner::Migration& migration : migrations)
    files[stem_of(migration) + ".sql"] = migration.up.bytes;
  return files;
}

/// Not one of a pair, which says more.
bool is_numbered(const File& file) {
  if (file.name.find('/') != std::string::npos || !file.name.ends_with(".sql")) return false;
  const bool is_of_a_pair = file.name.ends_with(".up.sql") || file.name.ends_with(".down.sql");
  return !is_of_a_pair && numbered(file.name.substr(0, file.name.size() - 4), "_-. ").has_value();
}

}  // namespace

Format plain() {
  return {.name = "plain",
          .files = "NNN_name.sql",
          .own_transactions = true,
          .lone_statement = true,
          .psql = true,
          .rules = {.duplicates = Rules::Duplicates::set_by_name,
                    .lone_down = Rules::LoneDown::skipped},
          .signs = "names like NNN-name.sql",
          .is_its = is_numbered,
          .sign = Format::Sign::weak,
          .read = read_plain,
          .write = write_plain};
}

}  // namespace gauntlet::formats
