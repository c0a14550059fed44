// A script over a folder of NNN_name.sql, as a shell loop around psql applies it: each statement by
// itself, with the transactions that the file opens. Also pairs that are named as no known tool
// names them, such as V0001.Name.up.sql.
#include "harness/formats/layouts.h"
#include "harness/formats/steps.h"
#include "harness/formats/text.h"

namespace gauntlet::formats {
namespace {

struct PlainName {
  Numbered number = {};
  bool is_down = false;
  bool is_read_by_others = false;  ///< one of a pair that other layouts read, too
};

std::optional<PlainName> plain_name(const File& file) {
  const auto read = sql_name(file.name);
  if (!read || file.name.find('/') != std::string::npos) return std::nullopt;
  PlainName name{.is_down = read->is_down};
  name.is_read_by_others = read->is_of_a_pair && numbered(read->stem).has_value();
  const bool has_letter = read->stem.starts_with('V') || read->stem.starts_with('v');
  auto number = numbered(read->stem.substr(has_letter ? 1 : 0), "_-. ");
  if (!number) return std::nullopt;
  name.number = *std::move(number);
  return name;
}

Reading read_plain(const Format& format, const std::vector<File>& files) {
  Steps steps(format);
  for (const File& file : files) {
    const auto name = plain_name(file);
    if (!name) continue;
    Part part{.file = &file,
              .version = name->number.version,
              .name = name->number.name,
              .sql = file.bytes};
    name->is_down ? steps.down(std::move(part)) : steps.up(std::move(part));
  }
  return steps.reading();
}

ProjectFiles write_plain(const std::vector<runner::Migration>& migrations) {
  ProjectFiles files;
  for (const runner::Migration& migration : migrations)
    files[stem_of(migration) + ".sql"] = migration.up.bytes;
  return files;
}

bool is_numbered(const File& file) {
  const auto name = plain_name(file);
  return name && !name->is_read_by_others;
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
