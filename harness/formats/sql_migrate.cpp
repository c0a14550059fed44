// sql-migrate: sections that begin with `-- +migrate Up [notransaction]` and `-- +migrate Down`. A
// step's identity is its whole file name.
#include "harness/formats/layouts.h"
#include "harness/formats/sections.h"
#include "harness/formats/steps.h"
#include "harness/formats/text.h"
#include "runner/sql/statement_postgres.h"

#include <fmt/format.h>

namespace gauntlet::formats {
namespace {

Section sql_migrate_section(std::string_view line) {
  const std::string words = lower(line);
  constexpr std::string_view mark = "-- +migrate ";
  if (!words.starts_with(mark)) return {};
  const std::string_view what = std::string_view(words).substr(mark.size());
  return {.kind = what.starts_with("up")     ? Section::Kind::up
                  : what.starts_with("down") ? Section::Kind::down
                                             : Section::Kind::none,
          .no_transaction = what.find("notransaction") != std::string_view::npos};
}

Reading read_sql_migrate(const Format& format, const std::vector<File>& files) {
  return read_sections(format, files, sql_migrate_section);
}

/// It cuts at semicolons unless it is told where a statement ends.
std::string sql_migrate_part(std::string_view direction, const std::string& sql) {
  std::string text = fmt::format("-- +migrate {}{}\n", direction,
                                 wants_no_transaction(sql) ? " notransaction" : "");
  for (const auto& statement : runner::split(sql).statements)
    text +=
        fmt::format("-- +migrate StatementBegin\n{};\n-- +migrate StatementEnd\n", statement.sql);
  return text;
}

ProjectFiles write_sql_migrate(const std::vector<runner::Migration>& migrations) {
  ProjectFiles files;
  for (const runner::Migration& migration : migrations)
    files[stem_of(migration) + ".sql"] =
        with_mark_of(migration, sql_migrate_part("Up", up_text(migration)) +
                                    sql_migrate_part("Down", down_text(migration)));
  return files;
}

}  // namespace

Format sql_migrate() {
  return {.name = "sql-migrate",
          .files = "NNN-name.sql with `-- +migrate Up` and `-- +migrate Down`",
          .marker = true,
          .marker_fix = "write `-- +migrate Up notransaction`",
          .tracker = "sql-migrate",
          .rules = {.duplicates = Rules::Duplicates::set_by_name},
          .signs = "`-- +migrate Up`",
          .is_its = [](const File& file) { return has_comment(file.bytes, "+migrate up"); },
          .read = read_sql_migrate,
          .write = write_sql_migrate};
}

}  // namespace gauntlet::formats
