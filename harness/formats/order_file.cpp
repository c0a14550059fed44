// SQL files in the order that a list gives: `order.txt`, one file name a line, `#` for comments. As
// with plain files, each statement is sent by itself.
#include "harness/formats/layouts.h"
#include "harness/formats/steps.h"
#include "harness/formats/text.h"

#include <algorithm>
#include <array>

#include <fmt/format.h>

namespace gauntlet::formats {
namespace {

bool is_list(const File& file) {
  constexpr std::array<std::string_view, 5> names = {"order.txt", "order", "series",
                                                     "migrations.txt", "migrations.order"};
  return std::find(names.begin(), names.end(), file.name) != names.end();
}

Reading read_order_file(const Format& format, const std::vector<File>& files) {
  Steps steps(format);
  const auto list = std::find_if(files.begin(), files.end(), is_list);
  if (list == files.end()) return steps.reading();
  std::int64_t number = 0;
  for_each_line(list->bytes, [&](const Line& line) {
    if (line.text.empty() || line.text.starts_with('#')) return;
    ++number;
    const auto named = std::find_if(files.begin(), files.end(),
                                    [&](const File& file) { return file.name == line.text; });
    if (named == files.end())
      return steps.problem(
          {.id = "missing-file",
           .message = fmt::format("{} names {}, which is not there", list->name, line.text),
           .files = {list->path},
           .fix = "add the file, or take it out of the list"});
    const std::string stem = std::filesystem::path(named->name).stem().string();
    const auto own = numbered(stem, "_-. ");
    steps.up({.file = &*named,
              .version = {number},
              .name = own && !own->name.empty() ? own->name : stem,
              .sql = named->bytes});
  });
  return steps.reading();
}

ProjectFiles write_order_file(const std::vector<runner::Migration>& migrations) {
  ProjectFiles files;
  for (const runner::Migration& migration : migrations) {
    files[stem_of(migration) + ".sql"] = migration.up.bytes;
    files["order.txt"] += stem_of(migration) + ".sql\n";
  }
  return files;
}

}  // namespace

Format order_file() {
  return {.name = "order-file",
          .files = "SQL files, and order.txt with their names in order",
          .own_transactions = true,
          .lone_statement = true,
          .psql = true,
          .rules = {.duplicates = Rules::Duplicates::set_by_name},
          .signs = "a list of the files in order",
          .is_its = is_list,
          .sign = Format::Sign::enough,
          .read = read_order_file,
          .write = write_order_file};
}

}  // namespace gauntlet::formats
