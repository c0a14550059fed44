// dbmate: `^([0-9]+).*\.sql$`, with sections that begin with `-- migrate:up` and `-- migrate:down`.
#include "harness/formats/layouts.h"
#include "harness/formats/sections.h"
#include "harness/formats/steps.h"
#include "harness/formats/text.h"

#include <fmt/format.h>

namespace gauntlet::formats {
namespace {

Section dbmate_section(std::string_view line) {
  std::string_view rest = line;
  if (!rest.starts_with("--")) return {};
  rest.remove_prefix(2);
  rest.remove_prefix(std::min(rest.find_first_not_of(" \t"), rest.size()));
  if (!rest.starts_with("migrate:")) return {};
  const bool no_transaction = rest.find("transaction:false") != std::string_view::npos;
  return {.kind = rest.starts_with("migrate:up")     ? Section::Kind::up
                  : rest.starts_with("migrate:down") ? Section::Kind::down
                                                     : Section::Kind::none,
          .no_transaction = no_transaction};
}

Reading read_dbmate(const Format& format, const std::vector<File>& files) {
  return read_sections(format, files, dbmate_section);
}

ProjectFiles write_dbmate(const std::vector<runner::Migration>& migrations) {
  const auto section = [](std::string_view direction, const std::string& sql) {
    return fmt::format("-- migrate:{}{}\n{}", direction,
                       wants_no_transaction(sql) ? " transaction:false" : "", with_newline(sql));
  };
  ProjectFiles files;
  for (const runner::Migration& migration : migrations)
    files[stem_of(migration) + ".sql"] =
        with_mark_of(migration, section("up", up_text(migration)) + "\n" +
                                    section("down", down_text(migration)));
  return files;
}

}  // namespace

Format dbmate() {
  return {.name = "dbmate",
          .files = "NNN_name.sql with `-- migrate:up` and `-- migrate:down`",
          .marker = true,
          .marker_fix = "write `-- migrate:up transaction:false`",
          .marked = Delivery::as_one_message,
          .fails_on_mark = true,
          .tracker = "dbmate or Rails",
          .signs = "`-- migrate:up`",
          .is_its = [](const File& file) { return has_comment(file.bytes, "migrate:up"); },
          .read = read_dbmate,
          .write = write_dbmate};
}

}  // namespace gauntlet::formats
