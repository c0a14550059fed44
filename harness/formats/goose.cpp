// goose: `NNN_name.sql` with `-- +goose Up` and `-- +goose Down`; `-- +goose NO TRANSACTION`
// anywhere in the file. Steps in Go are code.
#include "harness/formats/layouts.h"
#include "harness/formats/sections.h"
#include "harness/formats/steps.h"
#include "harness/formats/text.h"
#include "runner/sql/statement_postgres.h"

#include <fmt/format.h>

namespace gauntlet::formats {
namespace {

/// `UP`, `NO TRANSACTION`: what an annotation says, in upper case; empty for any other line.
std::string annotation_of(std::string_view line) {
  if (!line.starts_with("--")) return {};
  line.remove_prefix(2);
  line.remove_prefix(std::min(line.find_first_not_of(" \t"), line.size()));
  if (!line.starts_with("+goose")) return {};
  line.remove_prefix(6);
  line.remove_prefix(std::min(line.find_first_not_of(" \t"), line.size()));
  std::string words = lower(line);
  return words;
}

Section goose_section(std::string_view line) {
  const std::string words = annotation_of(line);
  return {.kind = words == "up"     ? Section::Kind::up
                  : words == "down" ? Section::Kind::down
                                    : Section::Kind::none};
}

bool says_no_transaction(const File& file) {
  bool says = false;
  for_each_line(file.bytes, [&](const Line& line) {
    says = says || annotation_of(line.text) == "no transaction";
  });
  return says;
}

void mark_script(std::optional<runner::Script>& script) {
  if (script) script->bytes = marked_no_transaction(std::move(script->bytes));
}

Reading read_goose(const Format& format, const std::vector<File>& files) {
  Reading reading = read_sections(format, files, goose_section);
  for (const File& file : files) {
    const bool is_step =
        file.name.ends_with(".go") && !file.name.ends_with("_test.go") && numbered(file.name);
    if (is_step) {
      reading.notes.push_back(fmt::format(
          "{} is a step in Go: skipped, so what it does is missing in every check", file.name));
      reading.skipped.push_back({.file = file.name, .version = numbered(file.name)->version});
    }
    if (!says_no_transaction(file)) continue;
    for (runner::Migration& migration : reading.listing.migrations) {
      if (migration.up.file != file.path) continue;
      migration.up.bytes = marked_no_transaction(std::move(migration.up.bytes));
      mark_script(migration.down);
    }
  }
  return reading;
}

/// goose cuts a file at semicolons unless it is told where a statement ends.
std::string goose_statements(const std::string& sql) {
  std::string text;
  for (const auto& statement : runner::split(sql).statements)
    text += fmt::format("-- +goose StatementBegin\n{};\n-- +goose StatementEnd\n", statement.sql);
  return text;
}

ProjectFiles write_goose(const std::vector<runner::Migration>& migrations) {
  ProjectFiles files;
  for (const runner::Migration& migration : migrations) {
    const std::string up = up_text(migration), down = down_text(migration);
    files[stem_of(migration) + ".sql"] = with_mark_of(
        migration, fmt::format("{}-- +goose Up\n{}\n-- +goose Down\n{}",
                               wants_no_transaction(up) ? "-- +goose NO TRANSACTION\n" : "",
                               goose_statements(up), goose_statements(down)));
  }
  return files;
}

}  // namespace

Format goose() {
  return {.name = "goose",
          .files = "NNN_name.sql with `-- +goose Up` and `-- +goose Down`",
          .marker = true,
          .marker_fix = "write `-- +goose NO TRANSACTION` in the file's first line",
          .fails_on_mark = true,
          .tracker = "goose",
          .signs = "`-- +goose Up`",
          .is_its = [](const File& file) { return has_comment(file.bytes, "+goose up"); },
          .read = read_goose,
          .write = write_goose};
}

}  // namespace gauntlet::formats
