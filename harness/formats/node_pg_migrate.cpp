// node-pg-migrate: `NNN_name.sql` with `-- Up Migration` and `-- Down Migration`. Its SQL files
// have no way to say that there is no transaction; its JavaScript has.
#include "harness/formats/layouts.h"
#include "harness/formats/sections.h"
#include "harness/formats/steps.h"
#include "harness/formats/text.h"
#include "runner/sql/statement_postgres.h"

#include <fmt/format.h>

namespace gauntlet::formats {
namespace {

/// `^\s*--[\s-]*(up|down)\s+migration` (sqlMigration.ts).
Section node_pg_migrate_section(std::string_view line) {
  if (!line.starts_with("--")) return {};
  line.remove_prefix(std::min(line.find_first_not_of("- \t"), line.size()));
  const bool up = starts_with_ignoring_case(line, "up");
  if (!up && !starts_with_ignoring_case(line, "down")) return {};
  line.remove_prefix(up ? 2 : 4);
  const std::size_t blanks = line.find_first_not_of(" \t");
  if (blanks == 0 || blanks == std::string_view::npos) return {};
  if (!starts_with_ignoring_case(line.substr(blanks), "migration")) return {};
  return {.kind = up ? Section::Kind::up : Section::Kind::down};
}

bool is_javascript(std::string_view name) {
  for (const std::string_view extension : {".js", ".mjs", ".cjs", ".ts"})
    if (name.ends_with(extension)) return true;
  return false;
}

Reading read_node_pg_migrate(const Format& format, const std::vector<File>& files) {
  Reading reading = read_sections(format, files, node_pg_migrate_section, {.all_is_up = true});
  for (const File& file : files)
    if (const auto number = numbered(file.name.substr(0, file.name.find('.')), "_-");
        number && is_javascript(file.name)) {
      reading.notes.push_back(fmt::format(
          "{} is a step in code: skipped, so what it does is missing in every check", file.name));
      reading.skipped.push_back({.file = file.name, .version = number->version});
    }
  return reading;
}

/// A string of JavaScript.
std::string javascript_string(std::string_view text) {
  std::string literal = "\"";
  for (const char character : text) {
    if (character == '"' || character == '\\') literal += '\\';
    if (character == '\n')
      literal += "\\n";
    else if (character == '\r')
      literal += "\\r";
    else
      literal += character;
  }
  return literal + '"';
}

ProjectFiles write_node_pg_migrate(const std::vector<runner::Migration>& migrations) {
  ProjectFiles files;
  for (const runner::Migration& migration : migrations) {
    const std::string up = up_text(migration), down = down_text(migration);
    if (!wants_no_transaction(up)) {
      files[stem_of(migration) + ".sql"] =
          with_mark_of(migration, fmt::format("-- Up Migration\n{}\n-- Down Migration\n{}",
                                              with_newline(up), with_newline(down)));
      continue;
    }
    std::string steps;
    for (const auto& statement : runner::split(up).statements)
      steps += fmt::format("  pgm.sql({});\n", javascript_string(statement.sql));
    files[stem_of(migration) + ".js"] = fmt::format(
        "exports.up = (pgm) => {{\n  pgm.noTransaction();\n{}}};\n"
        "exports.down = (pgm) => {{\n  pgm.noTransaction();\n  pgm.sql({});\n}};\n",
        steps, javascript_string(down));
  }
  return files;
}

}  // namespace

Format node_pg_migrate() {
  return {.name = "node-pg-migrate",
          .files = "NNN_name.sql with `-- Up Migration` and `-- Down Migration`",
          .marker = true,
          .marker_fix = "write the step in JavaScript with `pgm.noTransaction()`",
          .fails_on_mark = true,
          .tracker = "node-pg-migrate",
          .rules = {.duplicates = Rules::Duplicates::set_by_name},
          .signs = "`-- Up Migration`",
          .is_its = [](const File& file) { return has_comment(file.bytes, "up migration"); },
          .read = read_node_pg_migrate,
          .write = write_node_pg_migrate};
}

}  // namespace gauntlet::formats
