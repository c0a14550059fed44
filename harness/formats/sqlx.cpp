// sqlx: `NNN_name.sql`, or `NNN_name.up.sql` with `NNN_name.down.sql`. A file that begins with
// `-- no-transaction` is sent as it stands, in one message.
#include "harness/formats/layouts.h"
#include "harness/formats/steps.h"
#include "harness/formats/text.h"

namespace gauntlet::formats {
namespace {

constexpr std::string_view sqlx_mark = "-- no-transaction";

Reading read_sqlx(const Format& format, const std::vector<File>& files) {
  Steps steps(format);
  for (const File& file : files) {
    const auto name = sql_name(file.name);
    if (!name || file.name.find('/') != std::string::npos) continue;
    const auto number = numbered(name->stem);
    if (!number) continue;
    const bool is_marked = file.bytes.starts_with(sqlx_mark);
    Part part{.file = &file,
              .version = number->version,
              .name = number->name,
              .sql = is_marked ? marked_no_transaction(file.bytes) : file.bytes};
    name->is_down ? steps.down(std::move(part)) : steps.up(std::move(part));
  }
  return steps.reading();
}

ProjectFiles write_sqlx(const std::vector<runner::Migration>& migrations) {
  const auto text = [](const runner::Script& script) {
    const bool is_marked = wants_no_transaction(script.sql());
    return is_marked ? std::string(sqlx_mark) + "\n" + std::string(script.sql()) : script.bytes;
  };
  ProjectFiles files;
  for (const runner::Migration& migration : migrations) {
    const bool has_down = migration.down.has_value();
    files[stem_of(migration) + (has_down ? ".up.sql" : ".sql")] = text(migration.up);
    if (has_down) files[stem_of(migration) + ".down.sql"] = text(*migration.down);
  }
  return files;
}

}  // namespace

Format sqlx() {
  return {.name = "sqlx",
          .files = "NNN_name.sql, or NNN_name.up.sql and NNN_name.down.sql",
          .marker = true,
          .marker_fix = "make `-- no-transaction` the first line of the file",
          .marked = Delivery::as_one_message,
          .tracker = "sqlx",
          .signs = "`-- no-transaction` as their first line",
          .is_its = [](const File& file) { return file.bytes.starts_with(sqlx_mark); },
          .sign = Format::Sign::enough,
          .read = read_sqlx,
          .write = write_sqlx};
}

}  // namespace gauntlet::formats
